import { BatchPlan, buildSamples, coldItems, InteractionBuilder, joinQueries, splitByTime } from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import { buildRanker, evaluate, type PresetOverrides, train } from '@sifaka/trainer';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  batchOf,
  DIM,
  FAST,
  isRed,
  makeCatalogue,
  modelMaker,
  type Row,
  tinyLemur,
  trainingOf,
  withQueries,
} from './small-world.js';
import { encoderGradients } from './step-gradients.js';

const makeModel = modelMaker();

/** Queries 0 and 1 have the same text, 2 and 3 others, 4 none. */
const CATALOGUE = withQueries(makeCatalogue(), [[4, 5], [4, 5], [6], [7, 8], []]);
const asking = (overrides: PresetOverrides = {}) =>
  tinyLemur({ ...overrides, content: { query: 'samples', ...overrides.content } });

/** The contrast of a first joint step. */
const contrast = (...rows: readonly Row[]) =>
  trainingOf(makeModel(asking(), CATALOGUE)).run(batchOf(rows), { step: 0 }).contrast;

describe('a model that reads the queries of the samples', () => {
  test('scores by the text of a query, whatever its id', () => {
    const model = makeModel(asking(), CATALOGUE);
    const batch = batchOf([0, 1, 2, -1, 4].map((query) => ({ item: 1, history: [2], query })));
    const [first, again, other, none, empty] = model.predict(batch, model.encodeBank(Int32Array.of(1, 2)));
    expect(again).toBeCloseTo(first!, 5);
    expect(Math.abs(other! - first!)).toBeGreaterThan(1e-5);
    expect(Math.abs(none! - first!)).toBeGreaterThan(1e-5);
    expect(empty).toBeCloseTo(none!, 5);
  });

  test('trains the tokens of the queries, and no others', () => {
    const model = makeModel(asking(), CATALOGUE);
    trainingOf(model).run(batchOf([{ item: 1, query: 2, history: [3] }, { item: 2, query: 3 }, { item: 3 }]), {
      step: 0,
    });
    const gradient = encoderGradients(model).get('query.text.embedding')!;
    const touched = Array.from({ length: gradient.length / DIM }, (_, token) => token).filter((token) =>
      gradient.subarray(token * DIM, (token + 1) * DIM).some((value) => value !== 0),
    );
    expect(touched).toEqual([...CATALOGUE.format.start, 6, 7, 8]);
  });

  test('excludes rows without a query from SQDC, but keeps their items as negatives', () => {
    const a = { item: 0, query: 0 };
    const b = { item: 1, query: 2 };
    const both = contrast(a, b);
    expect((contrast(a, { item: 1 }) + contrast({ item: 0 }, b)) / 2).toBeCloseTo(both, 5);
    expect(contrast({ item: 0 }, { item: 1, query: 4 })).toBe(0);
  });

  test('does not contrast rows of one query id, whatever their sessions', () => {
    expect(contrast({ item: 0, query: 2, session: 1 }, { item: 1, query: 2, session: 2 })).toBeCloseTo(0, 5);
    expect(contrast({ item: 0, query: 0, session: 1 }, { item: 1, query: 2, session: 1 })).toBeGreaterThan(0.01);
    // Rows without a query share no query id, so both stay.
    const three = contrast({ item: 0, query: 0, session: 1 }, { item: 1, session: 1 }, { item: 2, session: 1 });
    expect(three).toBeGreaterThan(contrast({ item: 0, query: 0 }, { item: 1 }) + 1e-4);
  });

  test('refuses a catalogue without queries and an unknown query id, and leaks no tensor', () => {
    const tensors = memory().numTensors;
    expect(() => buildRanker(asking(), { catalogue: makeCatalogue(), numUsers: 3 })).toThrow(
      /^buildRanker: expected a catalogue with queries where content.query is 'samples', got none/,
    );
    expect(memory().numTensors).toBe(tensors);
    const model = makeModel(asking(), CATALOGUE);
    const training = trainingOf(model);
    const before = memory().numTensors;
    const unknown = batchOf([{ item: 1, query: 5 }]);
    expect(() => training.run(unknown, { step: 0 })).toThrow(
      new RangeError('TrainingStep.run: expected query ids from -1 to 4, got 5'),
    );
    expect(() => model.predict(unknown, model.encodeBank(Int32Array.of(1)))).toThrow(/predict: expected query ids/);
    expect(memory().numTensors).toBe(before);
  });
});

describe('if the query decides', () => {
  /** Before each event the user types red or blue, and likes items of that colour. */
  const random = seededRandom(3);
  const builder = new InteractionBuilder();
  const typed: { user: number; text: string; time: number }[] = [];
  for (let i = 0; i < 1500; i++) {
    const [user, item] = [Math.floor(random() * 30), Math.floor(random() * 40)];
    const time = 1_000_000_000 + 300 * i;
    const wantsRed = random() < 0.5;
    typed.push({ user, text: wantsRed ? 'red' : 'blue', time: time - 1 });
    builder.add(String(user), String(item), wantsRed === isRed(item) ? 5 : 1, time);
  }
  const { interactions } = builder.build({ itemIds: Array.from({ length: 40 }, (_, id) => String(id)) });
  const { samples } = joinQueries(buildSamples(interactions), {
    length: typed.length,
    users: Int32Array.from(typed, ({ user }) => user),
    items: new Int32Array(typed.length).fill(-1),
    texts: typed.map(({ text }) => text),
    timestamps: Float64Array.from(typed, ({ time }) => time),
  });
  const split = splitByTime(samples);
  const cold = coldItems(samples, split);
  const catalogue = withQueries(
    makeCatalogue(),
    samples.queries.map((text) => (text === 'red' ? [4] : [5])),
  );

  /** Metrics on test after training. */
  async function learned(query: 'samples' | 'likedTitles') {
    const model = makeModel(
      tinyLemur({
        content: { query },
        optimizer: { ...FAST, warmupSteps: 5 },
      }),
      catalogue,
    );
    await train(trainingOf(model), { samples, split, cold, steps: 40, batchSize: 32, evaluateEvery: 40 });
    return evaluate(model, { samples, indices: split.test, cold }).all;
  }

  test('a model that reads it ranks well, one that does not is at chance', async () => {
    const { auc, qauc } = await learned('samples');
    expect(auc).toBeGreaterThan(0.9);
    expect(qauc.value).toBeGreaterThan(0.9);
    expect(qauc).toMatchObject({ usableGroups: 2, usableSamples: split.test.length });
    expect(Math.abs((await learned('likedTitles')).auc - 0.5)).toBeLessThan(0.2);
  });

  test('batches carry the queries of their samples', () => {
    const batch = new BatchPlan({ samples, indices: split.train, batchSize: 8, seed: 1 }).batch(0);
    expect([...batch.queries]).toEqual(Array.from(batch.rows, (row) => samples.queryIds[row]));
    expect(batch.queries.every((id) => id === 0 || id === 1)).toBe(true);
  });
});
