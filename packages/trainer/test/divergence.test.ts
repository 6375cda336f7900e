import path from 'node:path';
import {
  listCheckpoints,
  loadCheckpoint,
  type OnlineTrainer,
  resumeOnline,
  TrainingError,
  type TrainOptions,
  train,
} from '@sifaka/trainer';
import { fill, tidy } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker } from './online-world.js';
import { makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const makeOnline = onlineMaker();
const resumed: OnlineTrainer[] = [];
afterEach(() => {
  for (const trainer of resumed.splice(0)) trainer.dispose();
});
const world = makeWorld({ events: 300 });
const settings = { ...world, batchSize: 16, steps: 30, evaluateEvery: 5, checkpointEvery: 1 };

async function failure(training: ReturnType<typeof trainingOf>, options: TrainOptions): Promise<TrainingError> {
  const error: unknown = await train(training, options).catch((thrown: unknown) => thrown);
  if (!TrainingError.isInstance(error)) throw error;
  return error;
}

describe('a run that diverges', () => {
  for (const rate of [1e6, 1e30]) {
    for (const options of [tinyLemur, tinyIdOnly]) {
      test(`at rates of ${rate} (${options().preset}) stops with step, loss and last good checkpoint`, async () => {
        const optimizer = { learningRate: rate, encoderLearningRate: rate, tableLearningRate: rate, weightDecay: 0.01 };
        const model = makeModel(options({ optimizer }), world.catalogue);
        const checkpoints = { folder: makeFolder(), fingerprint: 'small-world' };
        const error = await failure(trainingOf(model), { ...settings, checkpoints, maxSkippedSteps: 3 });
        expect(error.message).toMatch(/^Training stopped in step \d+\. .*(finite|expected finite numbers).*/);
        expect(error.message).toContain('Try: lower learning rates');
        const [newest] = await listCheckpoints(checkpoints.folder);
        expect(error.checkpoint).toBe(newest);
        expect(newest).toBeDefined();
        const loaded = makeModel(options({ optimizer }), world.catalogue);
        await loadCheckpoint(trainingOf(loaded), newest!, checkpoints);
        for (const weights of loaded.parameters.values()) expect(weights.dataSync().every(Number.isFinite)).toBe(true);
      });
    }
  }

  test('names the first weight that is not finite', async () => {
    const model = makeModel(tinyIdOnly(), world.catalogue);
    const checkpoints = { folder: makeFolder(), fingerprint: 'small-world' };
    const spoilt = 'head.head.weight';
    const error = await failure(trainingOf(model), {
      ...settings,
      checkpoints,
      onStep: ({ step }) => {
        const weight = model.parameters.get(spoilt)!;
        if (step === 4) tidy(() => weight.assign(fill(weight.shape, Number.NaN)));
      },
    });
    expect([error.step, error.tensor]).toEqual([4, spoilt]);
    expect(error.message).toContain(`got NaN in ${spoilt}`);
    expect(error.checkpoint).toBe(path.join(checkpoints.folder, 'step-00000003'));
  });

  test('names a table, and the loss of the step that was skipped', async () => {
    const model = makeModel(tinyIdOnly(), world.catalogue);
    model.tables.items.values.fill(Number.NaN);
    const error = await failure(trainingOf(model), settings);
    expect([error.step, error.tensor, error.checkpoint]).toEqual([1, 'tables.items', undefined]);
    expect(error.loss).toBeNaN();
  });

  test('stops after 20 skipped steps in a row by default, and counts them', async () => {
    const model = makeModel(tinyIdOnly(), world.catalogue);
    model.tables.users.values.fill(3e38);
    const error = await failure(trainingOf(model), { ...settings, evaluateEvery: 30 });
    expect(error.step).toBe(20);
    expect(error.message).toContain('20 steps in a row had no finite loss and gradient');
  });
});

describe('train refuses before its first step', () => {
  const { samples, split } = world;
  const ofLabel = (label: number) => split.train.filter((sample) => samples.labels[sample] === label);
  const WRONG: Record<string, [change: Partial<TrainOptions>, message: string]> = {
    'steps 0': [{ steps: 0 }, 'steps to be a whole number from 1, got 0'],
    'steps -1': [{ steps: -1 }, 'steps to be a whole number from 1, got -1'],
    'steps NaN': [{ steps: Number.NaN }, 'steps to be a whole number from 1, got NaN'],
    'batchSize 2.5': [{ batchSize: 2.5 }, 'batchSize to be a whole number from 1, got 2.5'],
    'evaluateEvery 0': [{ evaluateEvery: 0 }, 'evaluateEvery to be a whole number from 1, got 0'],
    'checkpointEvery NaN': [{ checkpointEvery: Number.NaN }, 'checkpointEvery to be a whole number from 1, got NaN'],
    'maxSkippedSteps 0': [{ maxSkippedSteps: 0 }, 'maxSkippedSteps to be a whole number from 1, got 0'],
    'a train part that is all liked': [
      { split: { ...split, train: ofLabel(1) } },
      `liked and disliked samples in the train part, got ${ofLabel(1).length} liked and 0 disliked`,
    ],
    'a train part that is all disliked': [
      { split: { ...split, train: ofLabel(0) } },
      `liked and disliked samples in the train part, got 0 liked and ${ofLabel(0).length} disliked`,
    ],
    'an empty train part': [
      { split: { ...split, train: new Int32Array(0) } },
      'liked and disliked samples in the train part, got 0 liked and 0 disliked',
    ],
    'samples of another catalogue': [
      { samples: { ...samples, numItems: 41 } },
      "samples of the catalogue's 40 items, got 41",
    ],
    'samples of more users': [{ samples: { ...samples, numUsers: 31 } }, "at most the model's 30 users, got 31"],
    'cold of other items': [{ cold: new Uint8Array(3) }, "cold to have the catalogue's 40 items, got 3"],
  };
  test.each(Object.entries(WRONG))('%s', async (_, [change, message]) => {
    const training = trainingOf(makeModel(tinyIdOnly(), world.catalogue));
    let steps = 0;
    const running = train(training, { ...settings, ...change, onStep: () => steps++ });
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toThrow(/^(train|assertTrainable): expected /);
    expect(steps).toBe(0);
  });

  test('another batch size or fewer steps than the run that it continues', async () => {
    const model = makeModel(tinyIdOnly(), world.catalogue);
    const { state } = await train(trainingOf(model), { ...settings, steps: 2 });
    expect(state.batchSize).toBe(16);
    const resume = (change: Partial<TrainOptions>) =>
      train(trainingOf(model), { ...settings, steps: 3, from: state, ...change });
    await expect(resume({ batchSize: 32 })).rejects.toThrow(
      'train: expected batchSize 16, as in the run to continue, got 32',
    );
    await expect(resume({ steps: 1 })).rejects.toThrow('train: expected steps from 2, where the run continues, got 1');
    expect((await resume({})).state.step).toBe(3);
  });
});

test('the last step is saved once', async () => {
  const folder = makeFolder();
  const model = makeModel(tinyIdOnly(), world.catalogue);
  let exports = 0;
  const optimizer = trainingOf(model).rankerOptimizer;
  const state = optimizer.state.bind(optimizer);
  Object.defineProperty(optimizer, 'state', { value: () => [state(), exports++][0] });
  const saved = { ...settings, split: { ...world.split, validation: new Int32Array(0) }, evaluateEvery: 4 };
  await train(trainingOf(model), { ...saved, steps: 4, checkpointEvery: 2, checkpoints: { folder, fingerprint: 'x' } });
  expect(exports).toBe(2);
});

test('an online trainer that diverges says so', async () => {
  const optimizer = { learningRate: 1e30, encoderLearningRate: 1e30, tableLearningRate: 1e30, weightDecay: 0.01 };
  const trainer = await makeOnline({ options: tinyLemur({ optimizer }), stream: { batchSize: 8 } });
  const folder = makeFolder();
  const error: unknown = await trainer
    .run(colourEvents(80), { checkpoints: { folder, every: 1 } })
    .catch((thrown: unknown) => thrown);
  if (!TrainingError.isInstance(error)) throw error;
  expect(error.message).toMatch(/^Training stopped in step \d+\. The model diverged in .*expected finite numbers, got/);
  expect(error.checkpoint).toBeDefined();
  resumed.push(await resumeOnline(error.checkpoint!));
  for (const weights of resumed[0]!.model.parameters.values()) {
    expect(weights.dataSync().every(Number.isFinite)).toBe(true);
  }
});

test('an online trainer stops after too many skipped steps in a row', async () => {
  const trainer = await makeOnline({
    options: tinyIdOnly(),
    stream: { batchSize: 4 },
    maxSkippedSteps: 3,
    numUsers: 20,
  });
  const head = trainer.model.parameters.get('head.head.weight')!;
  tidy(() => head.assign(fill(head.shape, 1e25))); // Finite logits, but no finite gradient.
  const error: unknown = await trainer.run(colourEvents(80)).catch((thrown: unknown) => thrown);
  if (!TrainingError.isInstance(error)) throw error;
  expect([error.step, trainer.counts.skippedSteps]).toEqual([3, 3]);
  expect(error.message).toContain('3 steps in a row had no finite loss and gradient');
});
