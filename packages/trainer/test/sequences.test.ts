import { historiesOf, idOnly, lemur, type RankerOptions, sequencesOf, twoStage } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const LONG = { sequences: { liked: { length: 20 }, long: { length: 100 }, disliked: { length: 30 } } } as const;

/** Name, history, events and length of each sequence. */
const outline = (options: RankerOptions) =>
  sequencesOf(options).map(({ name, history, events, length }) => [name, history, events, length]);

const positive = (length: number, skip = 0) => ({ length, skip, events: 'positive' });

describe.each(Object.entries({ lemur, twoStage, idOnly }))('the sequences of %s', (_, preset) => {
  test('are the items liked last and the disliked ones among the recent events, 50 each', () => {
    expect(outline(preset())).toEqual([
      ['liked', 'liked', 'liked', 50],
      ['disliked', 'recent', 'disliked', 50],
    ]);
    expect(historiesOf(preset())).toEqual({ liked: positive(50), recent: { length: 50, skip: 0, events: 'all' } });
  });

  test('and, if it has a length, the liked items before those', () => {
    expect(outline(preset(LONG))).toEqual([
      ['liked', 'liked', 'liked', 20],
      ['long', 'long', 'liked', 100],
      ['disliked', 'recent', 'disliked', 30],
    ]);
    expect(historiesOf(preset(LONG))).toEqual({
      liked: positive(20),
      long: positive(100, 20),
      recent: { length: 30, skip: 0, events: 'all' },
    });
  });

  test('are the liked ones alone if the others have no length', () => {
    const options = preset({ sequences: { disliked: { length: 0 } } });
    expect(outline(options)).toEqual([['liked', 'liked', 'liked', 50]]);
    expect(historiesOf(options)).toEqual({ liked: positive(50) });
  });
});

test('an id-only model reads no vectors of a sequence, and no similarity', () => {
  const kinds = (options: RankerOptions) =>
    sequencesOf(options).map(({ ids, vectors, similarity }) => [
      ids?.kind ?? false,
      vectors?.kind ?? false,
      similarity !== undefined,
    ]);
  expect(kinds(lemur(LONG))).toEqual([
    ['decoder', 'decoder', true],
    [false, 'decoder', true],
    ['decoder', 'decoder', true],
  ]);
  expect(kinds(idOnly(LONG))).toEqual([
    ['decoder', false, false],
    [false, false, false],
    ['decoder', false, false],
  ]);
});

describe('a batch is refused by the name of the history', () => {
  const options = tinyLemur({ sequences: { long: { length: 3 } } });
  const batch = batchOf([{ item: 1, history: [2] }], { long: 3 });

  test.each([
    ['long', { skip: 3 }, 'long of skip 4 (see historiesOf), got 3'],
    ['liked', { skip: 1 }, 'liked of skip 0 (see historiesOf), got 1'],
    ['long', { length: 2 }, 'long of length 3 (see historiesOf), got 2'],
    ['long', { events: 'all' }, 'long of positive events (see historiesOf), got all'],
    ['recent', { events: 'positive' }, 'recent of all events (see historiesOf), got positive'],
  ] as const)('%s with %j', (name, change, message) => {
    const changed = { ...batch, histories: { ...batch.histories, [name]: { ...batch.histories[name]!, ...change } } };
    const model = makeModel(options);
    const expected = `expected a history named ${message}`;
    expect(() => trainingOf(model).run(changed, { step: 0 })).toThrow(new RangeError(`TrainingStep.run: ${expected}`));
    expect(() => trainingOf(model).runContrast(changed, { step: 0 })).toThrow(`TrainingStep.runContrast: ${expected}`);
    expect(() => model.predict(changed, model.bank)).toThrow(`MultimodalRanker.predict: ${expected}`);
  });

  test('that is missing', () => {
    const model = makeModel(options);
    const { long: _, ...histories } = batch.histories;
    expect(() => model.predict({ ...batch, histories }, model.bank)).toThrow(
      'MultimodalRanker.predict: expected a history named long of length 3 (see historiesOf), got none',
    );
  });
});
