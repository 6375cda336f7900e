import { loadCheckpoint, type RankerOptions, type TrainOptions, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { makeWorld, modelMaker, tinyIdOnly, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';
import { comparableRun, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const WORLD = makeWorld({ events: 300 });
const FINGERPRINT = 'small-world';

const SETTINGS = { ...WORLD, steps: 12, batchSize: 16, evaluateEvery: 3 };

/** Every kind of random draw. */
const RANDOM = {
  userDropout: 0.3,
  itemDropout: 0.2,
  sampling: { forward: 0.6, backward: 0.3 },
  optimizer: { warmupSteps: 3, weightDecay: 0.01 },
} as const;

/** Trains a new model to the end. */
async function wholeRun(options: RankerOptions, changes: Partial<Pick<TrainOptions, 'steps' | 'evaluateEvery'>> = {}) {
  const model = makeModel(options, WORLD.catalogue);
  const { state, finished } = await train(trainingOf(model), { ...SETTINGS, ...changes });
  expect(finished).toBe(true);
  return { run: comparableRun(state), model: wholeState(trainingOf(model)) };
}

/** The same, but after each of these steps it is killed and resumed with a new model, as in another process. */
async function interruptedRun(
  options: RankerOptions,
  stops: readonly number[],
  changes: Partial<Pick<TrainOptions, 'steps' | 'evaluateEvery'>> = {},
) {
  const checkpoints = { folder: makeFolder(), fingerprint: FINGERPRINT };
  let last: string | undefined;
  for (const stop of [...stops, undefined]) {
    const model = makeModel(options, WORLD.catalogue);
    const from = last === undefined ? undefined : await loadCheckpoint(trainingOf(model), last, checkpoints);
    const interrupt = new AbortController();
    const result = await train(trainingOf(model), {
      ...SETTINGS,
      ...changes,
      checkpoints,
      signal: interrupt.signal,
      onStep: ({ step }) => {
        if (step === stop) interrupt.abort();
      },
      ...(from === undefined ? {} : { from }),
    });
    expect(result.finished).toBe(stop === undefined);
    expect(result.state.step).toBe(stop ?? changes.steps ?? SETTINGS.steps);
    last = result.checkpoint!;
    if (stop === undefined) return { run: comparableRun(result.state), model: wholeState(trainingOf(model)) };
  }
  throw new Error('interruptedRun: expected to reach the end');
}

describe('a resumed run gives the numbers of one that was never interrupted, bit for bit', () => {
  test('LEMUR, interrupted once', async () => {
    const options = tinyLemur(RANDOM);
    const whole = await wholeRun(options);
    expect(whole.run).toMatchObject({ step: 12, skippedSteps: 0 });
    expect(whole.run.validations.map(({ step }) => step)).toEqual([3, 6, 9, 12]);
    expect(whole.run.losses.map(({ step }) => step)).toEqual([10]);
    expect(await interruptedRun(options, [5])).toEqual(whole);
  });

  test('LEMUR, interrupted at a validation and again in the second epoch', async () => {
    const options = tinyLemur({ ...RANDOM, seed: 2 });
    const longer = { steps: 17, evaluateEvery: 4 }; // 15 batches are an epoch.
    expect(await interruptedRun(options, [4, 16], longer)).toEqual(await wholeRun(options, longer));
  });

  test.each([
    ['frozen', { image: { train: { kind: 'frozen' } }, text: { train: { kind: 'frozen' } } }],
    ['the top block', { image: { train: { kind: 'frozen' } }, text: { train: { kind: 'top', blocks: 1 } } }],
    [
      'low-rank updates, computed again in the backward pass',
      { image: { train: { kind: 'lora', rank: 2 } }, text: { train: { kind: 'lora', rank: 2 }, recompute: true } },
    ],
  ] as const)('LEMUR whose encoders train %s', async (_, encoders) => {
    const options = tinyLemur({ ...RANDOM, content: { textDepth: 2, ...encoders } });
    expect(await interruptedRun(options, [5])).toEqual(await wholeRun(options));
  });

  test('idOnly', async () => {
    const options = tinyIdOnly(RANDOM);
    expect(await interruptedRun(options, [7])).toEqual(await wholeRun(options));
  });

  test('twoStage: before, at and after the step where the encoders freeze', async () => {
    const options = tinyTwoStage(RANDOM); // Freezes after step 4.
    const whole = await wholeRun(options);
    expect(whole.run.validations.map(({ step }) => step)).toEqual([6, 9, 12]);
    expect(await interruptedRun(options, [3])).toEqual(whole);
    expect(await interruptedRun(options, [4])).toEqual(whole);
    expect(await interruptedRun(options, [2, 4, 5, 9])).toEqual(whole);
  });
});

describe('a run', () => {
  test('is a function of its seed', async () => {
    const first = await wholeRun(tinyLemur({ ...RANDOM, seed: 3 }));
    expect(await wholeRun(tinyLemur({ ...RANDOM, seed: 3 }))).toEqual(first);
    const other = await wholeRun(tinyLemur({ ...RANDOM, seed: 4 }));
    expect(other.run.validations).not.toEqual(first.run.validations);
  });

  test('writes nothing by default', async () => {
    const { checkpoint } = await train(trainingOf(makeModel(tinyIdOnly(), WORLD.catalogue)), { ...SETTINGS, steps: 2 });
    expect(checkpoint).toBeUndefined();
  });
});
