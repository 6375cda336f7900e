import {
  exportWeights,
  historiesOf,
  type PresetOverrides,
  type StepOptions,
  TrainingStep,
  train,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, makeWorld, modelMaker, tinyIdOnly, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';
import { norm } from './step-gradients.js';
import { changedRows, changedWeights } from './whole-state.js';

const makeModel = modelMaker();
const BATCH = batchOf([
  { user: 1, item: 1, history: [10, 11], recent: [[12, 0]] },
  { user: 2, item: 2, label: 0, history: [11] },
  { user: 3, item: 3, history: [12] },
]);

/** What a first step changes. */
function changedBy(overrides: PresetOverrides) {
  const model = makeModel(tinyLemur(overrides));
  const before = exportWeights(model);
  trainingOf(model).run(BATCH, { step: 0 });
  const after = exportWeights(model);
  const dense = changedWeights(before, after);
  const encoder = dense.filter((path) => model.encoderParameters.has(path));
  return {
    encoder: encoder.length,
    ranker: dense.length - encoder.length,
    users: changedRows(before, after, 'users'),
    items: changedRows(before, after, 'items'),
  };
}

describe('each part learns at its own rate', () => {
  const rates = (encoderLearningRate: number, learningRate: number, tableLearningRate: number) =>
    changedBy({ optimizer: { encoderLearningRate, learningRate, tableLearningRate } });

  test('the encoders', () => {
    const { encoder, ranker, users, items } = rates(0.01, 0, 0);
    expect([encoder > 0, ranker, users, items]).toEqual([true, 0, [], []]);
  });

  test('the ranker', () => {
    const { encoder, ranker, users, items } = rates(0, 0.01, 0);
    expect([encoder, ranker > 0, users, items]).toEqual([0, true, [], []]);
  });

  test('the tables', () => {
    const { encoder, ranker, users, items } = rates(0, 0, 0.01);
    expect([encoder, ranker, users]).toEqual([0, 0, [2, 3, 4]]);
    expect(items).toEqual([2, 3, 4, 11, 12, 13]);
  });

  test('the share of a step scales all three', () => {
    const model = makeModel(tinyLemur({ optimizer: { tableLearningRate: 0.01 } }));
    const before = exportWeights(model);
    trainingOf(model).run(BATCH, { step: 0, rate: 0 });
    expect(changedWeights(before, exportWeights(model))).toEqual([]);
    expect(changedRows(before, exportWeights(model), 'items')).toEqual([]);
  });
});

test('decay of the tables reaches their rows, as much as its rate says', () => {
  const rowAfter = (tableWeightDecay: number) => {
    const model = makeModel(tinyLemur({ optimizer: { tableLearningRate: 0.01, tableWeightDecay } }));
    const before = model.tables.items.values.slice(8, 12); // Item 1.
    trainingOf(model).run(BATCH, { step: 0 });
    return { before, after: model.tables.items.values.slice(8, 12) };
  };
  const plain = rowAfter(0);
  const decayed = rowAfter(2);
  const expected = plain.after.map((value, k) => value - 0.01 * 2 * plain.before[k]!);
  expect(decayed.after).toBeAllClose(expected, { atol: 1e-7 });
  expect(norm(plain.before)).toBeGreaterThan(1e-3);
});

test('clipping scales the gradients of every part to the norm that it is given', () => {
  const clipNorm = 1e-3;
  const model = makeModel(tinyLemur({ optimizer: { clipNorm } }));
  const training = trainingOf(model);
  const { gradientNorm } = training.run(BATCH, { step: 0 });
  expect(gradientNorm).toBeGreaterThan(10 * clipNorm);
  // A first moment is 0.1 times the gradient that was applied.
  const { users, items } = model.tables;
  const applied = [
    training.encoderOptimizer.state().firstMoment,
    training.rankerOptimizer.state().firstMoment,
    users.firstMoments,
    items.firstMoments,
  ].map((moments) => 10 * Math.sqrt(moments.reduce((total, value) => total + value * value, 0)));
  expect(Math.hypot(...applied)).toBeCloseTo(clipNorm, 6);
  expect(applied.every((part) => part > 0)).toBe(true);
});

test('user dropout hides users, item dropout hides candidates', () => {
  const hidden = (userDropout: number, itemDropout: number) => changedBy({ userDropout, itemDropout });
  const users = hidden(1, 0);
  expect([users.users, users.items]).toEqual([[0], [2, 3, 4, 11, 12, 13]]);
  const items = hidden(0, 1);
  expect([items.users, items.items]).toEqual([
    [2, 3, 4],
    [0, 11, 12, 13],
  ]); // Histories are never hidden.
});

test('the long sequence begins where the short one ends', () => {
  const { liked, long, recent } = historiesOf(tinyLemur({ sequences: { liked: { length: 4 }, long: { length: 9 } } }));
  expect(liked).toEqual({ length: 4, skip: 0, events: 'positive' });
  expect(long).toEqual({ length: 9, skip: 4, events: 'positive' });
  expect(recent).toEqual({ length: 3, skip: 0, events: 'all' });
});

test('the refresh budget encodes no item that the step encodes anyway', () => {
  const model = makeModel(tinyLemur({ sampling: { forward: 1, backward: 0.5, refreshBudget: 5 } }));
  model.warmUp(Int32Array.of(1, 2, 3, 10, 11), 0);
  model.predict(
    batchOf([
      { item: 1, history: [2, 3, 10, 11] },
      { item: 2, history: [1] },
    ]),
    model.bank,
  ); // Reads all.
  const { learned, refreshed } = trainingOf(model).run(BATCH, { step: 1 });
  expect(learned + refreshed).toBe(5);
  const { ids, versions } = model.bank.snapshot();
  expect(Array.from(ids).sort((a, b) => a - b)).toEqual([1, 2, 3, 10, 11]);
  expect([...versions]).toEqual([2, 2, 2, 2, 2]);
});

describe('train', () => {
  const world = makeWorld({ events: 300 });
  const settings = { ...world, batchSize: 16, evaluateEvery: 100 };

  test('warms the bank up with the items of the train part alone', async () => {
    const model = makeModel(tinyLemur({ sampling: { warmUp: true } }), world.catalogue);
    await train(trainingOf(model), { ...settings, steps: 1 });
    const items = new Set(Array.from(world.split.train, (sample) => world.samples.items[sample]!));
    expect(new Set(model.bank.snapshot().ids)).toEqual(items);
    expect(items.size).toBeLessThan(40);
  });

  /** Records the rates of every step. */
  class RecordingStep extends TrainingStep {
    readonly contrast: number[] = [];
    readonly joint: number[] = [];

    override run(batch: Parameters<TrainingStep['run']>[0], options: StepOptions) {
      this.joint.push(options.rate!);
      return super.run(batch, options);
    }

    override runContrast(batch: Parameters<TrainingStep['run']>[0], options: StepOptions) {
      this.contrast.push(options.rate!);
      return super.runContrast(batch, options);
    }
  }

  test('each stage warms up and decays over its own steps', async () => {
    const optimizer = { warmupSteps: 2 };
    const model = makeModel(tinyTwoStage({ pretrainSteps: 4, optimizer }), world.catalogue);
    const training = new RecordingStep(model);
    await train(training, { ...settings, steps: 12 });
    training.dispose();
    const cosine = (done: number, length: number) => 0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * done) / length));
    const stage = (steps: number) =>
      Array.from({ length: steps }, (_, step) => (step < 2 ? (step + 1) / 2 : cosine(step - 2, steps - 2)));
    expect(training.contrast).toBeAllClose(stage(4), { atol: 1e-6 });
    expect(training.joint).toBeAllClose(stage(8), { atol: 1e-6 });
  });

  test('warm-up is never longer than its stage', async () => {
    const model = makeModel(tinyIdOnly({ optimizer: { warmupSteps: 50 } }), world.catalogue);
    const training = new RecordingStep(model);
    await train(training, { ...settings, steps: 4 });
    training.dispose();
    expect(training.joint).toBeAllClose([0.25, 0.5, 0.75, 1], { atol: 1e-6 });
  });
});
