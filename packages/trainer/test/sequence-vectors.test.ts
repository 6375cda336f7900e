import { MemoryBank } from '@sifaka/memory-bank';
import { exportWeights, type MultimodalRanker } from '@sifaka/trainer';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { vectorOf } from './small-bank.js';
import { batchOf, DIM, makeCatalogue, modelMaker, tinyLemur, trainingOf, withTwin } from './small-world.js';
import { encoderGradients, gradientsUnder, norm } from './step-gradients.js';

const makeModel = modelMaker();
const TWIN = 20;

// Item 20 has the image and the texts of item 1, so encoders and queries cannot distinguish them.
const CATALOGUE = withTwin(makeCatalogue(), 1, TWIN);
const JOINED = batchOf([
  { item: 0, history: [1, 2] },
  { item: 1, user: 1, label: 0 },
  { item: 3, user: 2, label: 0 },
]);
const FROM_BANK = batchOf([
  { item: 0, history: [TWIN, 2] },
  { item: 1, user: 1, label: 0 },
  { item: 3, user: 2, label: 0 },
]);

/** A model whose bank holds these vectors, and whose id tables do not distinguish the twins. */
function modelWith(vectors: ReadonlyMap<number, ArrayLike<number>>): MultimodalRanker {
  const model = makeModel(tinyLemur({ sqdc: { weight: 0 } }), CATALOGUE);
  const { items } = model.tables;
  items.values.copyWithin((TWIN + 1) * items.dim, 2 * items.dim, 3 * items.dim);
  const bank = new MemoryBank({ dim: DIM });
  for (const [id, vector] of vectors) bank.write([id], Float32Array.from(vector), 0);
  model.replaceBank(bank);
  return model;
}

const encoded = (item: number) => modelWith(new Map()).encode(Int32Array.of(item));

/** Moves all content weights along a direction. */
function move(model: MultimodalRanker, direction: ReadonlyMap<string, Float32Array>, distance: number): void {
  for (const [path, variable] of model.parameters) {
    const along = direction.get(path);
    if (along === undefined || !path.startsWith('content.')) continue;
    const moved = Float32Array.from(variable.dataSync(), (value, k) => value + distance * along[k]!);
    tidy(() => variable.assign(tensor(moved, variable.shape)));
  }
}

describe('an item that occurs in histories only', () => {
  test('is not encoded, and its stored vector stays', () => {
    const model = modelWith(new Map([[2, vectorOf(2)]]));
    const result = trainingOf(model).run(JOINED, { step: 5 });
    expect(result).toMatchObject({ candidates: 3, learned: 3, refreshed: 0, historyFound: 2, historyMissing: 0 });
    expect(model.bank.read([2]).vectors).toEqual(vectorOf(2));
    expect([model.bank.version(2), model.bank.read([2]).steps[0]]).toEqual([1, 0]);
  });

  test('without a stored vector is missing: it is masked, not encoded', () => {
    const model = modelWith(new Map());
    const result = trainingOf(model).run(JOINED, { step: 0, rate: 0 });
    expect(result).toMatchObject({ learned: 3, refreshed: 0, historyFound: 1, historyMissing: 1 });
    expect(model.bank.has(2)).toBe(false);
  });

  test('is ranked with: another stored vector gives another loss', () => {
    const loss = (seed: number) => trainingOf(modelWith(new Map([[2, vectorOf(seed)]]))).run(JOINED, { step: 0 }).loss;
    expect(Math.abs(loss(1) - loss(2))).toBeGreaterThan(1e-5);
  });
});

describe('the dedup join', () => {
  test('gives histories the fresh vector of the batch, not the stored one', () => {
    const losses = [1, 2].map((seed) => {
      const model = modelWith(
        new Map([
          [1, vectorOf(seed)],
          [2, vectorOf(9)],
        ]),
      );
      return trainingOf(model).run(JOINED, { step: 0 }).loss;
    });
    expect(losses[0]).toBe(losses[1]);
  });

  test('gives them the value that the encoder gives', () => {
    const joined = trainingOf(modelWith(new Map([[2, vectorOf(9)]]))).run(JOINED, { step: 0 });
    const stored = trainingOf(
      modelWith(
        new Map([
          [TWIN, encoded(1)],
          [2, vectorOf(9)],
        ]),
      ),
    ).run(FROM_BANK, { step: 0 });
    expect(joined.loss).toBeCloseTo(stored.loss, 5);
  });

  test('passes no gradient: the vector is a constant, like one from the bank', () => {
    const joined = modelWith(new Map([[2, vectorOf(9)]]));
    trainingOf(joined).run(JOINED, { step: 0 });
    const stored = modelWith(
      new Map([
        [TWIN, encoded(1)],
        [2, vectorOf(9)],
      ]),
    );
    trainingOf(stored).run(FROM_BANK, { step: 0 });
    for (const part of ['content.image.patches', 'content.text.embedding', 'content.fusion', 'query']) {
      const expected = gradientsUnder(part, encoderGradients(stored));
      expect(norm(expected)).toBeGreaterThan(1e-6);
      expect(gradientsUnder(part, encoderGradients(joined))).toBeAllClose(expected, {
        rtol: 1e-3,
        atol: 1e-4 * norm(expected),
      });
    }
  });

  test('gives the derivative of the loss with constant histories, not with histories that follow the encoder', () => {
    const bank = new Map([
      [TWIN, encoded(1)],
      [2, vectorOf(9)],
    ]);
    const model = modelWith(bank);
    trainingOf(model).run(FROM_BANK, { step: 0 });
    const gradients = encoderGradients(model);
    const length = norm(gradientsUnder('content.', gradients));
    const direction = new Map([...gradients].map(([path, values]) => [path, values.map((value) => value / length)]));
    const slope = (batch: typeof JOINED) => {
      const loss = (distance: number) => {
        const moved = modelWith(bank);
        move(moved, direction, distance);
        return trainingOf(moved).run(batch, { step: 0 }).loss;
      };
      return (loss(0.001) - loss(-0.001)) / 0.002;
    };
    const constant = slope(FROM_BANK);
    const following = slope(JOINED);
    expect(Math.abs(constant / length - 1)).toBeLessThan(0.02);
    expect(Math.abs(following / length - 1)).toBeGreaterThan(0.04);
  });
});

test('id rows of histories learn, because the ranker reads them', () => {
  const model = modelWith(new Map());
  const before = exportWeights(model).items.values;
  trainingOf(model).run(JOINED, { step: 0 });
  const { items } = model.tables;
  expect(items.values.slice(3 * items.dim, 4 * items.dim)).not.toEqual(before.slice(3 * items.dim, 4 * items.dim));
});
