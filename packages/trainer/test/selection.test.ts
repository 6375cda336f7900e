import { loadCheckpoint, type RunState, SELECTION_METRICS, type TrainOptions, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { FAST, makeWorld, modelMaker, tinyIdOnly, trainingOf } from './small-world.js';
import { comparableRun, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const WORLD = makeWorld({ events: 300 });
/** Rates at which the figures of validation rise and fall. */
const OPTIONS = tinyIdOnly({ optimizer: { ...FAST, learningRate: 0.05 } });
const SETTINGS = { ...WORLD, steps: 24, batchSize: 16, evaluateEvery: 1 };

async function trained(changes: Partial<TrainOptions> = {}) {
  const model = makeModel(OPTIONS, WORLD.catalogue);
  const result = await train(trainingOf(model), { ...SETTINGS, ...changes });
  return { ...result, run: comparableRun(result.state), model: wholeState(trainingOf(model)) };
}

/** Where a run with this patience ends, by the validations of a run without. */
function endOf({ validations }: RunState, patience: number, metric: 'auc' | 'gauc'): number {
  let best = 0;
  for (const [i, point] of validations.entries()) {
    if (point[metric] > validations[best]![metric]) best = i;
    if (i - best >= patience) return point.step;
  }
  return validations.at(-1)!.step;
}

describe('selectBy', () => {
  test('chooses the first step that is best by the figure', async () => {
    const bestSteps: number[] = [];
    for (const selectBy of ['auc', 'gauc'] as const) {
      const { state } = await trained({ selectBy });
      const values = state.validations.map((point) => point[selectBy]);
      const value = Math.max(...values);
      expect(state.best).toMatchObject({ metric: selectBy, value, step: 1 + values.indexOf(value) });
      bestSteps.push(state.best!.step);
    }
    expect(bestSteps[1]).not.toBe(bestSteps[0]); // Otherwise this test does not tell the figures apart.
  });

  test('is refused if it is no figure, or another one than that of the run to continue', async () => {
    await expect(trained({ selectBy: 'logLoss' as 'auc' })).rejects.toThrow(
      `train: expected selectBy to be one of ${SELECTION_METRICS.join(', ')}, got logLoss`,
    );
    const { state } = await trained({ steps: 2, selectBy: 'gauc' });
    await expect(trained({ from: state })).rejects.toThrow(
      'train: expected selectBy gauc, as in the run to continue, got auc',
    );
  });
});

describe('patience', () => {
  test('ends the run after this many validations that are not better, with the best weights', async () => {
    const whole = await trained();
    for (const patience of [1, 3]) {
      const end = endOf(whole.state, patience, 'auc');
      expect(end).toBeLessThan(SETTINGS.steps);
      const { state, finished } = await trained({ patience });
      expect([finished, state.step, state.validations.length]).toEqual([true, end, end]);
      expect(state.validations).toEqual(whole.state.validations.slice(0, end));
      expect(state.best!.step).toBe(end - patience);
    }
  });

  test('counts by the figure that is selected by', async () => {
    const whole = await trained({ selectBy: 'gauc' });
    const endBy = (metric: 'auc' | 'gauc', patience: number) => endOf(whole.state, patience, metric);
    const patience = [1, 2, 3, 4, 5, 6].find((each) => endBy('auc', each) !== endBy('gauc', each))!;
    expect(patience).toBeDefined(); // Otherwise this test does not tell the figures apart.
    expect((await trained({ patience, selectBy: 'gauc' })).state.step).toBe(endBy('gauc', patience));
  });

  test('interrupted and continued, ends at the same step with the same numbers', async () => {
    const whole = await trained({ patience: 3 });
    for (const stop of [2, whole.state.step - 1]) {
      const checkpoints = { folder: makeFolder(), fingerprint: 'small-world' };
      const interrupt = new AbortController();
      const first = await trained({
        ...{ patience: 3, checkpoints, signal: interrupt.signal },
        onStep: ({ step }) => {
          if (step === stop) interrupt.abort();
        },
      });
      expect([first.finished, first.state.step]).toEqual([false, stop]);
      const model = makeModel(OPTIONS, WORLD.catalogue);
      const from = await loadCheckpoint(trainingOf(model), first.checkpoint!, checkpoints);
      const { state, finished } = await train(trainingOf(model), { ...SETTINGS, patience: 3, checkpoints, from });
      expect(finished).toBe(true);
      expect(comparableRun(state)).toEqual(whole.run);
      expect(wholeState(trainingOf(model))).toEqual(whole.model);
    }
  });

  test('a run that it ended takes no further step when it is continued, and goes on with more patience', async () => {
    const checkpoints = { folder: makeFolder(), fingerprint: 'small-world' };
    const ended = await trained({ patience: 2, checkpoints });
    const continued = async (patience: number) => {
      const model = makeModel(OPTIONS, WORLD.catalogue);
      const from = await loadCheckpoint(trainingOf(model), ended.checkpoint!, checkpoints);
      const steps: number[] = [];
      const onStep = ({ step }: { readonly step: number }) => steps.push(step);
      const { state, finished } = await train(trainingOf(model), { ...SETTINGS, patience, from, onStep });
      return { steps, finished, run: comparableRun(state), model: wholeState(trainingOf(model)) };
    };
    const same = await continued(2);
    expect([same.steps, same.finished]).toEqual([[], true]);
    expect(same.run).toEqual(ended.run);
    expect(same.model).toEqual(ended.model);
    const longer = await continued(3);
    const whole = await trained({ patience: 3 });
    expect(longer.steps[0]).toBe(ended.state.step + 1);
    expect(longer.run).toEqual(whole.run);
    expect(longer.model).toEqual(whole.model);
  });

  test('has nothing to wait for if no validation has the figure', async () => {
    const { samples, split } = WORLD;
    const validation = split.validation.filter((sample) => samples.labels[sample] === 1);
    const { state } = await trained({ steps: 5, patience: 1, split: { ...split, validation } });
    expect([state.step, state.best]).toEqual([5, undefined]);
  });

  test('is a whole number from 1', async () => {
    for (const patience of [0, 1.5, Number.NaN]) {
      await expect(trained({ patience })).rejects.toThrow(
        `train: expected patience to be a whole number from 1, got ${patience}`,
      );
    }
  });
});
