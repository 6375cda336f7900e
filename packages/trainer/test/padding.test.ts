import { describe, expect, test } from 'vitest';
import { bankWith } from './small-bank.js';
import { batchOf, modelMaker, type Row, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const DECAY = { optimizer: { tableWeightDecay: 0.5, tableLearningRate: 0.01 } } as const;

/** Known users and items, histories that padding fills, and a row without history. */
const PADDED: readonly Row[] = [
  { user: 1, item: 1, history: [10], recent: [[6, 0]] },
  { user: 2, item: 2, label: 0, history: [11, 12], recent: [[11, 1]] },
  { user: 3, item: 3 },
];
/** The first row's user disliked an item that the model does not know, and liked another. */
const UNKNOWN: readonly Row[] = [{ ...PADDED[0]!, history: [10, -1], recent: [[-1, 0]] }, ...PADDED.slice(1)];

describe.each(Object.entries({ lemur: tinyLemur, idOnly: tinyIdOnly }))(
  'the unknown row of items of %s',
  (_, options) => {
    test('stays as it is, bit for bit, if all −1 of a batch are padding', () => {
      const model = makeModel(options(DECAY));
      const { items } = model.tables;
      const before = items.values.slice(0, items.dim);
      for (let step = 0; step < 2; step++) trainingOf(model).run(batchOf(PADDED), { step });
      expect(items.values.slice(0, items.dim)).toEqual(before);
      expect([items.updates[0], ...items.firstMoments.subarray(0, items.dim)]).toEqual([0, 0, 0, 0, 0]);
      expect(items.updates[2]).toBe(2); // Item 1.
    });

    test('learns from an unknown item of a history, which is an item, not padding', () => {
      const model = makeModel(options(DECAY));
      const { items } = model.tables;
      trainingOf(model).run(batchOf(UNKNOWN), { step: 0 });
      expect(items.updates[0]).toBe(1);
      expect(Math.hypot(...items.firstMoments.subarray(0, items.dim))).toBeGreaterThan(0);
      const score = (row: Row) => model.predict(batchOf([row]), bankWith())[0];
      expect(score(UNKNOWN[0]!)).not.toBe(score({ ...UNKNOWN[0]!, history: [10] }));
    });
  },
);

test('the vectors of unknown items and of items without a stored one are absent alike', () => {
  const sequences = { liked: { ids: false }, disliked: { ids: false } } as const;
  const model = makeModel(tinyLemur({ sequences, content: { queryItems: 1 } })); // The query is item 10's title.
  const score = (history: readonly number[]) => model.predict(batchOf([{ item: 1, history }]), bankWith())[0];
  expect(score([10, -1])).toBe(score([10, 30]));
  expect(score([10, 11])).not.toBe(score([10, 30]));
});
