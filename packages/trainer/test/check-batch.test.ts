import type { Batch } from '@sifaka/data';
import { type RankingHead, RankMixer } from '@sifaka/ranker';
import type { TrainingStep } from '@sifaka/trainer';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test, vi } from 'vitest';
import { batchOf, modelMaker, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';
import { wholeState } from './whole-state.js';

const makeModel = modelMaker();

const BATCH = batchOf([
  { item: 1, user: 3, history: [2, 5], recent: [[5, 1]] },
  { item: 4, label: 0 },
]);
const { liked, recent } = BATCH.histories as { liked: NonNullable<Batch['histories'][string]>; recent: object };
const withLiked = (change: Partial<typeof liked>): Batch => ({
  ...BATCH,
  histories: { liked: { ...liked, ...change }, recent } as Batch['histories'],
});

/** Each array of a batch, spoilt in every way that it can be, and what the error says. */
const SPOILT: Record<string, [batch: Batch, message: string]> = {
  'no rows': [{ ...BATCH, size: 0 }, 'expected a batch of 1 or more rows, got 0'],
  'a size of NaN': [{ ...BATCH, size: Number.NaN }, 'expected a batch of 1 or more rows, got NaN'],
  'too few users': [{ ...BATCH, users: Int32Array.of(1) }, 'expected 2 users, got 1'],
  'too many items': [{ ...BATCH, items: Int32Array.of(1, 2, 3) }, 'expected 2 items, got 3'],
  'too few labels': [{ ...BATCH, labels: Float32Array.of(1) }, 'expected 2 labels, got 1'],
  'no sessions': [{ ...BATCH, sessions: new Int32Array(0) }, 'expected 2 sessions, got 0'],
  'too few queries': [{ ...BATCH, queries: Int32Array.of(-1) }, 'expected 2 queries, got 1'],
  'too few times': [{ ...BATCH, timestamps: Float64Array.of(1) }, 'expected 2 timestamps, got 1'],
  'too few rows': [{ ...BATCH, rows: Int32Array.of(1) }, 'expected 2 rows, got 1'],
  'a label of NaN': [
    { ...BATCH, labels: Float32Array.of(1, Number.NaN) },
    'labels: expected numbers from 0 to 1, got NaN at 1',
  ],
  'a label of 5': [{ ...BATCH, labels: Float32Array.of(5, 0) }, 'labels: expected numbers from 0 to 1, got 5 at 0'],
  'a user beyond the table': [
    { ...BATCH, users: Int32Array.of(3, 30) },
    'users: expected ids from -1 to 29, got 30 at 1',
  ],
  'an unknown item': [{ ...BATCH, items: Int32Array.of(1, -1) }, 'items: expected ids from 0 to 39, got -1 at 1'],
  'a history of another length': [withLiked({ items: liked.items.slice(1) }), 'history liked: expected 8 items, got 7'],
  'history labels of another length': [
    withLiked({ labels: liked.labels.slice(1) }),
    'history liked: expected 8 labels, got 7',
  ],
  'history lengths of another length': [
    withLiked({ lengths: Int32Array.of(2) }),
    'history liked: expected 2 lengths, got 1',
  ],
  'a history length beyond the history': [
    withLiked({ lengths: Int32Array.of(2, 5) }),
    'history liked: lengths: expected whole numbers from 0 to 4, got 5 at 1',
  ],
  'a history item beyond the catalogue': [
    withLiked({ items: liked.items.map((item, k) => (k === 1 ? 40 : item)) }),
    'history liked: items: expected ids from -1 to 39, got 40 at 1',
  ],
};

describe('a malformed batch is refused before anything is on the device', () => {
  test.each(Object.entries(SPOILT))('%s', (_, [batch, message]) => {
    const model = makeModel(tinyTwoStage());
    const training = trainingOf(model);
    const before = wholeState(training);
    const tensors = memory().numTensors;
    for (const method of ['run', 'runContrast'] as const) {
      expect(() => training[method](batch, { step: 0 })).toThrow(`TrainingStep.${method}: ${message}`);
    }
    expect(memory().numTensors).toBe(tensors);
    expect(wholeState(training)).toEqual(before);
  });

  test.each([
    [{ step: -1 }, 'step to be a whole number from 0, got -1'],
    [{ step: 0.5 }, 'step to be a whole number from 0, got 0.5'],
    [{ step: 0, rate: Number.NaN }, 'rate to be a number from 0, got NaN'],
    [{ step: 0, rate: -1 }, 'rate to be a number from 0, got -1'],
  ])('so is %o', (options, message) => {
    const training = trainingOf(makeModel(tinyTwoStage()));
    for (const method of ['run', 'runContrast'] as const) {
      expect(() => training[method](BATCH, options)).toThrow(`TrainingStep.${method}: expected ${message}`);
    }
  });

  test('scoring takes candidates without an id, which requests may name', () => {
    const model = makeModel(tinyLemur());
    expect(model.predict({ ...BATCH, items: Int32Array.of(1, -1) }, model.bank)).toHaveLength(2);
    expect(() => model.predict({ ...BATCH, items: Int32Array.of(1, -2) }, model.bank)).toThrow(
      'MultimodalRanker.predict: items: expected ids from -1 to 39, got -2 at 1',
    );
  });
});

describe('a step that throws after the backward pass leaves no tensor on the device:', () => {
  const failing = (training: TrainingStep, part: 'encoderOptimizer' | 'rankerOptimizer') =>
    vi.spyOn(training[part], 'apply').mockImplementation(() => {
      throw new Error(`${part} fails`);
    });

  test.each(['encoderOptimizer', 'rankerOptimizer'] as const)('%s', (part) => {
    const training = trainingOf(makeModel(tinyLemur({ sampling: { forward: 1, backward: 0.5 } })));
    training.run(BATCH, { step: 0 }); // The optimizers' moments are there from the first update on.
    const tensors = memory().numTensors;
    const spy = failing(training, part);
    expect(() => training.run(BATCH, { step: 1 })).toThrow(`${part} fails`);
    expect(memory().numTensors).toBe(tensors);
    spy.mockRestore();
    expect(training.run(BATCH, { step: 1 }).skipped).toBe(false);
  });

  test('the first stage', () => {
    const training = trainingOf(makeModel(tinyTwoStage()));
    const tensors = memory().numTensors;
    failing(training, 'encoderOptimizer');
    expect(() => training.runContrast(BATCH, { step: 0 })).toThrow('encoderOptimizer fails');
    expect(memory().numTensors).toBe(tensors);
  });
});

test('a step that throws in the middle leaves no tensor on the device, and the next one works', () => {
  let fails = true;
  const sampling = { forward: 1, backward: 0.5 };
  const makeHead = (head: RankingHead): RankingHead => ({
    parameters: head.parameters,
    forward: (features) => head.forward(features),
    forwardTraining: (features) => {
      if (fails) throw new Error('the head fails');
      return head.forwardTraining(features);
    },
    dispose: () => head.dispose(),
  });
  const model = makeModel(tinyLemur({ sampling }), undefined, {
    head: (groups) =>
      makeHead(new RankMixer({ headDim: 4, depth: 1, feedForward: { kind: 'dense' }, groups, seed: 1 })),
  });
  const training = trainingOf(model);
  const tensors = memory().numTensors;
  expect(() => training.run(BATCH, { step: 0 })).toThrow('the head fails');
  expect(memory().numTensors).toBe(tensors);
  fails = false;
  expect(training.run(BATCH, { step: 0 }).skipped).toBe(false);
});
