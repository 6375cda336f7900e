import { gatherBatch } from '@sifaka/data';
import { MemoryBank } from '@sifaka/memory-bank';
import {
  type Catalogue,
  evaluate,
  exportWeights,
  historiesOf,
  importWeights,
  type RankerOptions,
  train,
} from '@sifaka/trainer';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  batchOf,
  makeWorld,
  modelMaker,
  tinyIdOnly,
  tinyLemur,
  tinyTwoStage,
  trainingOf,
  withImage,
} from './small-world.js';
import { wholeState } from './whole-state.js';

const makeModel = modelMaker();
const WORLD = makeWorld({ events: 400 });
const { samples, split, cold } = WORLD;
const PART = { samples, indices: split.validation, cold };

async function trained(options: RankerOptions, catalogue: Catalogue = WORLD.catalogue) {
  const model = makeModel(options, catalogue);
  await train(trainingOf(model), { ...WORLD, steps: 6, batchSize: 16, evaluateEvery: 6 });
  return model;
}

describe('evaluate', () => {
  for (const [name, options] of Object.entries({
    lemur: tinyLemur(),
    twoStage: tinyTwoStage(),
    idOnly: tinyIdOnly(),
  })) {
    test(`changes nothing of ${name}: weights, moments, training bank`, async () => {
      const model = await trained(options);
      const before = wholeState(trainingOf(model));
      const tensors = memory().numTensors;
      const { logits, all, cold: ofCold } = evaluate(model, PART);
      expect(logits.every(Number.isFinite)).toBe(true);
      expect([logits.length, all.events]).toEqual([split.validation.length, split.validation.length]);
      expect(ofCold.events).toBe(split.validation.filter((sample) => cold[samples.items[sample]!] === 1).length);
      expect(ofCold.events).toBeGreaterThan(0);
      expect(wholeState(trainingOf(model))).toEqual(before);
      expect(memory().numTensors).toBe(tensors);
      expect(evaluate(model, PART).logits).toEqual(logits);
    });
  }

  test('gives the same scores in batches of any size, in the order of the indices', async () => {
    const model = await trained(tinyLemur());
    const { logits } = evaluate(model, PART);
    expect(evaluate(model, { ...PART, batchSize: 7 }).logits).toBeAllClose(logits, { atol: 1e-4 });
    const backwards = evaluate(model, { ...PART, indices: split.validation.slice().reverse() }).logits;
    expect(backwards.reverse()).toBeAllClose(logits, { atol: 1e-4 });
  });

  test('reads the vectors of all histories: a bank of every item gives the same scores', async () => {
    const model = await trained(tinyLemur({ sequences: { long: { length: 2 } } }));
    const everything = model.encodeBank(Int32Array.from({ length: WORLD.catalogue.size }, (_, item) => item));
    const batch = gatherBatch(samples, split.validation, historiesOf(model.options));
    const { items, labels } = batch.histories['recent']!;
    expect(items.some((id, index) => id >= 0 && labels[index] === 0)).toBe(true);
    expect(evaluate(model, PART).logits).toBeAllClose(model.predict(batch, everything), { atol: 1e-4 });
  });

  test('gives NaN for no samples', () => {
    const { logits, all } = evaluate(makeModel(tinyLemur()), { ...PART, indices: new Int32Array(0) });
    expect(logits.length).toBe(0);
    expect(all).toMatchObject({ events: 0, auc: Number.NaN });
  });

  test('gives scores that depend neither on the labels nor on the training bank', async () => {
    const model = await trained(tinyLemur());
    const { logits } = evaluate(model, PART);
    const hidden = { ...samples, labels: samples.labels.map((label) => 1 - label) };
    expect(evaluate(model, { ...PART, samples: hidden }).logits).toEqual(logits);
    model.replaceBank(new MemoryBank({ dim: 16 }));
    expect(evaluate(model, PART).logits).toEqual(logits);
  });
});

describe('a cold item', () => {
  const item = samples.items[split.test.find((sample) => cold[samples.items[sample]!] === 1)!]!;
  const other = withImage(WORLD.catalogue, item, 255, 255, 255);
  const rows = split.test.filter((sample) => samples.items[sample] === item).slice(0, 1);
  const row = gatherBatch(samples, rows, historiesOf(tinyLemur()));

  beforeAll(() => {
    expect(cold[item]).toBe(1);
  });

  async function scores(options: RankerOptions) {
    const model = await trained(options);
    const repainted = makeModel(options, other);
    importWeights(repainted, exportWeights(model));
    return [model, repainted].map((each) => {
      const histories = Object.values(row.histories).flatMap(({ items }) => [...items]);
      const ids = [...new Set([...row.items, ...histories])].filter((id) => id >= 0);
      return each.predict(row, each.encodeBank(Int32Array.from(ids)))[0]!;
    });
  }

  test('is scored by its image', async () => {
    const [as, repainted] = await scores(tinyLemur());
    expect(Math.abs(as! - repainted!)).toBeGreaterThan(1e-4);
  });

  test('scores like any other in an id-only model', async () => {
    const [as, repainted] = await scores(tinyIdOnly());
    expect(as).toBe(repainted);
    const model = await trained(tinyIdOnly());
    const coldIds = Array.from(cold.keys()).filter((id) => cold[id] === 1);
    const same = batchOf(coldIds.map((id) => ({ item: id, user: 3, history: [1, 2] })));
    // Equal up to rounding: libtensorflow sums the last rows of a product in another order.
    const alike = model.predict(same, model.encodeBank(Int32Array.of(0)));
    expect(Math.max(...alike) - Math.min(...alike)).toBeLessThan(1e-6);
  });
});

describe('predict', () => {
  test('gives a user without an event in train the scores of the unknown user', async () => {
    const model = await trained(tinyLemur({ userDropout: 0.3 }));
    model.tables.users.updates[1 + 4] = 0; // As if user 4 had never been trained.
    const rows = [4, -1, 5].map((user) => ({ user, item: 1, history: [2] }));
    const [never, unknown, known] = model.predict(batchOf(rows), model.encodeBank(Int32Array.of(1, 2)));
    expect(never).toBe(unknown);
    expect(known).not.toBe(unknown);
  });

  test('reads the given vectors, and masks history items without one', async () => {
    const model = await trained(tinyLemur());
    const batch = batchOf([{ item: 1, history: [2, 3] }]);
    const score = (vectors: MemoryBank) => model.predict(batch, vectors)[0]!;
    const whole = model.encodeBank(Int32Array.of(1, 2, 3));
    const changed = model.encodeBank(Int32Array.of(1, 2, 3));
    changed.write([3], model.encode(Int32Array.of(4)), 1);
    expect(score(changed)).not.toBe(score(whole));
    expect(score(model.encodeBank(Int32Array.of(1, 2)))).not.toBe(score(whole));
    expect(Number.isFinite(score(model.encodeBank(Int32Array.of())))).toBe(true);
  });

  test('refuses users and items outside the tables, and leaks no tensor', () => {
    const model = makeModel(tinyLemur());
    const bank = model.encodeBank(Int32Array.of(1));
    const tensors = memory().numTensors;
    expect(() => model.predict(batchOf([{ item: 40 }]), bank)).toThrow(/items: expected ids from -1 to 39, got 40/);
    expect(() => model.predict(batchOf([{ item: 1, user: 30 }]), bank)).toThrow(
      /users: expected ids from -1 to 29, got 30/,
    );
    expect(() => model.predict(batchOf([{ item: 1, history: [41] }]), bank)).toThrow(
      /items: expected ids from -1 to 39, got 41/,
    );
    expect(memory().numTensors).toBe(tensors);
  });
});

describe('encode', () => {
  test('gives each item the same vector in chunks of any size', () => {
    const model = makeModel(tinyLemur());
    const ids = Int32Array.of(5, 1, 7, 1, 9);
    const vectors = model.encode(ids, { chunk: 2 });
    expect(vectors.length).toBe(5 * 16);
    expect(vectors).toBeAllClose(model.encode(ids), { atol: 1e-5 });
    expect(vectors.subarray(2 * 16, 3 * 16)).toBeAllClose(model.encode(Int32Array.of(7)), { atol: 1e-5 });
    expect(vectors.subarray(16, 32)).toBeAllClose(vectors.subarray(48, 64), { atol: 1e-5 });
  });

  test('ignores the pixels of an item without an image', () => {
    const model = (catalogue: Catalogue) => {
      const present = catalogue.images.present.slice();
      present[5] = 0;
      return makeModel(tinyLemur(), { ...catalogue, images: { ...catalogue.images, present } });
    };
    const plain = model(WORLD.catalogue).encode(Int32Array.of(5));
    expect(model(withImage(WORLD.catalogue, 5, 9, 99, 199)).encode(Int32Array.of(5))).toBeAllClose(plain);
    expect(makeModel(tinyLemur(), WORLD.catalogue).encode(Int32Array.of(5))).not.toEqual(plain);
  });
});
