import path from 'node:path';
import { exportWeights, listCheckpoints, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { comparableRun, weightDigests, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const FINGERPRINT = 'small-world';

describe('train', () => {
  const world = makeWorld({ events: 300 });
  const settings = { ...world, batchSize: 16 };

  test('reports every step, with the time left, and every validation', async () => {
    const steps: number[] = [];
    const validations: number[] = [];
    const { state, finished, samplesPerSecond, stepMs } = await train(
      trainingOf(makeModel(tinyLemur(), world.catalogue)),
      {
        ...settings,
        steps: 5,
        evaluateEvery: 2,
        onStep: (progress) => {
          steps.push(progress.step);
          expect(progress.steps).toBe(5);
          expect(progress.result.skipped).toBe(false);
          expect(progress.samplesPerSecond).toBeGreaterThan(0);
          expect(progress.secondsLeft > 0).toBe(progress.step < 5);
        },
        onValidation: (point) => validations.push(point.step),
      },
    );
    expect([finished, state.step, steps, validations]).toEqual([true, 5, [1, 2, 3, 4, 5], [2, 4, 5]]);
    expect(state.trainingSeconds * samplesPerSecond).toBeCloseTo(5 * 16, 6);
    expect(Object.keys(stepMs).sort()).toEqual(['backward', 'encode', 'prepare', 'rank', 'total', 'update', 'write']);
  });

  test('returns a state from which it can continue, as from a checkpoint', async () => {
    const whole = makeModel(tinyIdOnly(), world.catalogue);
    const { state } = await train(trainingOf(whole), { ...settings, steps: 7, evaluateEvery: 7 });
    const parts = makeModel(tinyIdOnly(), world.catalogue);
    const interrupt = new AbortController();
    const first = await train(trainingOf(parts), {
      ...settings,
      steps: 7,
      evaluateEvery: 7,
      signal: interrupt.signal,
      onStep: ({ step }) => {
        if (step === 3) interrupt.abort();
      },
    });
    expect(first).toMatchObject({ finished: false, state: { step: 3 } });
    const from = { ...first.state, trainingSeconds: 1000 };
    const second = await train(trainingOf(parts), { ...settings, steps: 7, evaluateEvery: 7, from });
    expect(second.state.trainingSeconds).toBeGreaterThan(1000);
    expect(comparableRun(second.state)).toEqual(comparableRun(state));
    expect(wholeState(trainingOf(parts))).toEqual(wholeState(trainingOf(whole)));
  });

  test('measures staleness and coverage of the bank', async () => {
    const { state } = await train(trainingOf(makeModel(tinyLemur(), world.catalogue)), {
      ...settings,
      steps: 20,
      evaluateEvery: 10,
    });
    for (const { stalenessCosine, coverage } of state.validations) {
      expect(stalenessCosine).toBeGreaterThan(0);
      expect(stalenessCosine).toBeLessThanOrEqual(1);
      expect(coverage).toBeGreaterThan(0);
      expect(coverage).toBeLessThanOrEqual(1);
    }
    expect(state.validations[1]!.coverage!).toBeGreaterThan(state.validations[0]!.coverage!);
  });

  test('encodes all train items before the first step if the encoders never learn', async () => {
    const model = makeModel(tinyLemur({ trainEncoders: false }), world.catalogue);
    const { state } = await train(trainingOf(model), { ...settings, steps: 3, evaluateEvery: 3 });
    const items = new Set(Array.from(world.split.train, (sample) => world.samples.items[sample]!));
    const { ids, vectors, versions } = model.bank.snapshot();
    expect(new Set(ids)).toEqual(items);
    expect(versions.every((version) => version === 1)).toBe(true);
    expect(vectors).toEqual(model.encode(ids));
    expect(state.validations[0]).toMatchObject({ coverage: 1, stalenessCosine: null });
  });

  test('writes no item outside train to the bank, however often it validates', async () => {
    const model = makeModel(tinyLemur(), world.catalogue);
    await train(trainingOf(model), { ...settings, steps: 20, evaluateEvery: 5 });
    const cold = Array.from(model.bank.snapshot().ids).filter((id) => world.cold[id] === 1);
    expect(cold).toEqual([]);
    expect(model.bank.size).toBeGreaterThan(20);
  });

  test('saves every `checkpointEvery` steps, at the end, and if it is interrupted before its first step', async () => {
    const checkpoints = { folder: makeFolder(), fingerprint: FINGERPRINT };
    const { checkpoint } = await train(trainingOf(makeModel(tinyIdOnly(), world.catalogue)), {
      ...settings,
      steps: 5,
      checkpointEvery: 2,
      checkpoints,
    });
    expect(await listCheckpoints(checkpoints.folder)).toEqual([
      checkpoint,
      path.join(checkpoints.folder, 'step-00000004'),
    ]);
    const aborted = await train(trainingOf(makeModel(tinyIdOnly(), world.catalogue)), {
      ...settings,
      steps: 5,
      signal: AbortSignal.abort(),
      checkpoints: { ...checkpoints, folder: makeFolder() },
    });
    expect(aborted).toMatchObject({ finished: false, state: { step: 0 } });
    expect(aborted.checkpoint).toMatch(/step-00000000$/);
  });

  test('leaves the model with the weights of its best validation', async () => {
    const model = makeModel(tinyIdOnly({ optimizer: { learningRate: 0.05 } }), world.catalogue);
    const { state } = await train(trainingOf(model), { ...settings, steps: 8, evaluateEvery: 1 });
    const aucs = state.validations.map(({ auc }) => auc);
    const highest = Math.max(...aucs);
    expect(state.best).toMatchObject({ metric: 'auc', value: highest, step: 1 + aucs.indexOf(highest) });
    expect(weightDigests(exportWeights(model))).toEqual(weightDigests(state.best!.weights));
  });

  test('of equally good steps keeps the first', async () => {
    const { samples, split } = world;
    const [liked, disliked] = [1, 0].map((label) => split.validation.find((at) => samples.labels[at] === label)!);
    const validation = Int32Array.of(liked!, disliked!); // An AUC of 0, ½ or 1.
    const model = makeModel(tinyIdOnly(), world.catalogue);
    const { state } = await train(trainingOf(model), {
      ...settings,
      split: { ...split, validation },
      steps: 8,
      evaluateEvery: 1,
    });
    const aucs = state.validations.map(({ auc }) => auc);
    const first = aucs.indexOf(Math.max(...aucs));
    expect(aucs.lastIndexOf(aucs[first]!)).toBeGreaterThan(first);
    expect(state.best!.step).toBe(first + 1);
  });

  test('keeps the last weights if validation has no AUC', async () => {
    const { samples, split } = world;
    const liked = split.validation.filter((sample) => samples.labels[sample] === 1);
    const model = makeModel(tinyIdOnly(), world.catalogue);
    const untrained = wholeState(trainingOf(model));
    const { state } = await train(trainingOf(model), {
      ...settings,
      split: { ...split, validation: liked },
      steps: 4,
      evaluateEvery: 1,
    });
    expect(state.best).toBeUndefined();
    expect(state.validations.map(({ auc }) => auc)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(wholeState(trainingOf(model))).not.toEqual(untrained);
  });

  test('counts skipped steps, and leaves them out of the curves', async () => {
    for (const poison of [3e38]) {
      const model = makeModel(tinyIdOnly(), world.catalogue);
      model.tables.users.values.fill(poison);
      const before = wholeState(trainingOf(model));
      const { state } = await train(trainingOf(model), {
        ...settings,
        steps: 10,
        evaluateEvery: 20,
        split: { ...world.split, validation: new Int32Array(0) },
      });
      expect(state.skippedSteps).toBe(10);
      expect(state.losses).toEqual([{ step: 10, ranking: null, contrast: null }]);
      expect(wholeState(trainingOf(model))).toEqual(before);
    }
  });
});

test('samples whose items are in another order than the catalogue’s are refused', async () => {
  const world = makeWorld({ events: 300 });
  const { itemIds } = world.samples;
  const trainWith = (ids: readonly string[]) => {
    const model = makeModel(tinyIdOnly(), { ...world.catalogue, itemIds: ids });
    return train(trainingOf(model), { ...world, batchSize: 16, steps: 1 });
  };
  await expect(trainWith(itemIds.toReversed())).rejects.toThrow(
    'train: expected "39" at 0 of itemIds of the samples, got "0"',
  );
  expect((await trainWith(itemIds)).finished).toBe(true);
});
