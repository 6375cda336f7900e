import { exportWeights, prepareToServe, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { FAST, makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { weightDigests, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const world = makeWorld({ events: 300 });
/** Rates at which the best step comes before the last one. */
const OPTIONS = tinyLemur({ optimizer: { ...FAST, encoderLearningRate: 0.05, learningRate: 0.05 } });
const settings = { ...world, batchSize: 16, steps: 12, evaluateEvery: 1 };

async function trained() {
  const model = makeModel(OPTIONS, world.catalogue);
  const { state } = await train(trainingOf(model), settings);
  expect(state.best!.step).toBeLessThan(settings.steps);
  return { model, state };
}

describe('after training, with a best step before the last', () => {
  test('weights, moments and their numbers of updates are those of the best step', async () => {
    const { model, state } = await trained();
    expect(weightDigests(exportWeights(model))).toEqual(weightDigests(state.best!.weights));
    const reached = makeModel(OPTIONS, world.catalogue);
    const interrupt = new AbortController();
    await train(trainingOf(reached), {
      ...settings,
      signal: interrupt.signal,
      onStep: ({ step }) => {
        if (step === state.best!.step) interrupt.abort();
      },
    });
    const withoutBank = (whole: Record<string, string>) =>
      Object.fromEntries(Object.entries(whole).filter(([name]) => !name.startsWith('bank.')));
    expect(withoutBank(wholeState(trainingOf(model)))).toEqual(withoutBank(wholeState(trainingOf(reached))));
  });

  test('the bank holds the vectors of these weights', async () => {
    const { model } = await trained();
    const { ids, vectors, steps } = model.bank.snapshot();
    expect(ids.length).toBeGreaterThan(20);
    expect(vectors).toEqual(model.encode(ids));
    expect(steps.every((step) => step === settings.steps)).toBe(true);
  });

  test('prepareToServe gives every item a vector, or those that it is given', async () => {
    const { model } = await trained();
    const cold = Int32Array.from(world.cold.keys()).filter((item) => world.cold[item] === 1);
    expect(cold.some((item) => model.bank.has(item))).toBe(false);
    prepareToServe(model, { step: 12, items: cold.subarray(0, 2) });
    expect(Array.from(cold, (item) => model.bank.has(item)).filter(Boolean)).toHaveLength(2);
    prepareToServe(model, { step: 12 });
    expect(model.bank.size).toBe(world.catalogue.size);
    const { ids, vectors } = model.bank.snapshot();
    expect(vectors).toEqual(model.encode(ids));
    const idOnly = makeModel(tinyIdOnly(), world.catalogue);
    prepareToServe(idOnly, { step: 1 });
    expect(idOnly.bank.size).toBe(0);
  });
});
