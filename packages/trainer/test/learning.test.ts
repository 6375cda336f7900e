import { evaluate, type RankerOptions, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { FAST, makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

// Only the colour of the image decides. A third of the items appear after train.
const WORLD = makeWorld();
const LATER = Int32Array.of(...WORLD.split.validation, ...WORLD.split.test);
const LEARNING = {
  userDropout: 0.1,
  itemDropout: 0.3,
  optimizer: { ...FAST, warmupSteps: 5 },
};

async function coldAuc(options: RankerOptions, steps: number) {
  const model = makeModel(options, WORLD.catalogue);
  const { state } = await train(trainingOf(model), { ...WORLD, steps, batchSize: 64, evaluateEvery: steps });
  const { all, cold } = evaluate(model, { ...WORLD, indices: LATER });
  expect(cold.events).toBeGreaterThan(60);
  return { cold: cold.auc, all: all.auc, state };
}

describe('if only the image decides', () => {
  test('LEMUR ranks items that have no event in train', async () => {
    const { cold, state } = await coldAuc(tinyLemur({ ...LEARNING, sampling: { forward: 0.5, backward: 0.5 } }), 60);
    expect(state.validations.at(-1)!.coldAuc).toBeGreaterThan(0.8);
    expect(cold).toBeGreaterThan(0.8);
    const losses = state.losses.map(({ ranking }) => ranking!);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.05);
  });

  test('an id-only model ranks the other items only', async () => {
    const { cold, all } = await coldAuc(tinyIdOnly(LEARNING), 100);
    expect(Math.abs(cold - 0.5)).toBeLessThan(0.15);
    expect(all).toBeGreaterThan(0.6);
  });
});
