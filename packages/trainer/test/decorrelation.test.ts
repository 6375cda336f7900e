import { gatherBatch } from '@sifaka/data';
import { decorrelation } from '@sifaka/losses';
import {
  controlCatalogue,
  historiesOf,
  type MultimodalRanker,
  type PresetOverrides,
  type RankerOptions,
} from '@sifaka/trainer';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  batchOf,
  DIM,
  ITEMS,
  makeCatalogue,
  makeWorld,
  modelMaker,
  tinyIdOnly,
  tinyLemur,
  tinyTwoStage,
  trainingOf,
} from './small-world.js';
import { encoderGradients, gradientsUnder, norm } from './step-gradients.js';
import { wholeState } from './whole-state.js';

const makeModel = modelMaker();

// Items 2 and 5 occur twice. SQDC has pairs: two rows are liked and have a query.
const BATCH = batchOf([
  { user: 1, item: 1, history: [10, 11] },
  { user: 2, item: 2, label: 0, history: [12] },
  { user: 3, item: 5, history: [10, 1] },
  { user: 4, item: 2, label: 0 },
  { user: 5, item: 5, label: 0, history: [13] },
  { user: 6, item: 8, label: 0 },
]);
const CANDIDATES = [1, 2, 5, 8];

/** The loss on the vectors that the model gives these items now. */
function spreadOf(model: MultimodalRanker, items: readonly number[]): number {
  const vectors = model.encode(Int32Array.from(items));
  return tidy(() => decorrelation(tensor2d(vectors, [items.length, DIM])).dataSync()[0]!);
}

/** Options with this weight of the decorrelation. */
const weighted = (weight: number): PresetOverrides => ({ sqdc: { weight: 0.5 }, decorrelation: { weight } });

describe('decorrelation in a joint step', () => {
  test('adds its weight times the loss on the vectors of the distinct candidates', () => {
    const plain = trainingOf(makeModel(tinyLemur(weighted(0)))).run(BATCH, { step: 0 });
    expect(plain.loss).toBeCloseTo(plain.ranking + 0.5 * plain.contrast, 5);
    for (const weight of [0.1, 2]) {
      const model = makeModel(tinyLemur(weighted(weight)));
      const spread = spreadOf(model, CANDIDATES);
      expect(spread).toBeGreaterThan(0.1);
      const { loss, ranking, contrast } = trainingOf(model).run(BATCH, { step: 0 });
      expect([ranking, contrast]).toBeAllClose([plain.ranking, plain.contrast]);
      expect(loss).toBeCloseTo(plain.loss + weight * spread, 4);
    }
  });

  test('works without SQDC', () => {
    const model = makeModel(tinyLemur({ sqdc: { weight: 0 }, decorrelation: { weight: 2 } }));
    const spread = spreadOf(model, CANDIDATES);
    const { loss, ranking, contrast } = trainingOf(model).run(BATCH, { step: 0 });
    expect(contrast).toBeNaN();
    expect(loss).toBeCloseTo(ranking + 2 * spread, 4);
  });

  test('its gradient reaches the encoder of items by its weight, and no other part', () => {
    const after = (weight: number) => {
      const model = makeModel(tinyLemur(weighted(weight)));
      trainingOf(model).run(BATCH, { step: 0 });
      const { rankerOptimizer } = trainingOf(model);
      return { encoders: encoderGradients(model), ranker: rankerOptimizer.state().firstMoment };
    };
    const [none, once, twice] = [after(0), after(1), after(2)];
    const added = (path: string, { encoders }: typeof none) => {
      const without = gradientsUnder(path, none.encoders);
      return gradientsUnder(path, encoders).map((value, i) => value - without[i]!);
    };
    const single = added('content.', once);
    expect(norm(single)).toBeGreaterThan(0.1 * norm(gradientsUnder('content.', none.encoders)));
    expect(added('content.', twice)).toBeAllClose(
      single.map((value) => 2 * value),
      { rtol: 1e-3, atol: 1e-4 * norm(single) },
    );
    expect(norm(added('query.', once))).toBeLessThan(1e-5 * norm(single));
    expect(once.ranker).toBeAllClose(none.ranker, { atol: 1e-6 });
  });

  test('leaves a model without content, and one whose encoders are frozen, as they are', () => {
    const stateAfter = (options: RankerOptions) => {
      const model = makeModel(options);
      if (options.content !== undefined) model.freezeEncoders(Int32Array.from(Array(ITEMS).keys()), 0);
      const { loss } = trainingOf(model).run(BATCH, { step: 0 });
      return { loss, state: wholeState(trainingOf(model)) };
    };
    for (const preset of [tinyIdOnly, tinyTwoStage]) {
      expect(stateAfter(preset(weighted(3)))).toEqual(stateAfter(preset(weighted(0))));
    }
  });

  test('is finite if all items have one vector', () => {
    const model = makeModel(tinyLemur(weighted(1)), controlCatalogue(makeCatalogue(), 'blank', 1));
    for (let step = 0; step < 3; step++) {
      const { loss, skipped } = trainingOf(model).run(BATCH, { step });
      expect([Number.isFinite(loss), skipped]).toEqual([true, false]);
    }
  });
});

describe('decorrelation in a contrast step', () => {
  test('has the ratio to SQDC that joint training has', () => {
    for (const [sqdc, weight, ratio] of [
      [0.5, 0, 0],
      [0.5, 1, 2],
      [2, 1, 0.5],
      [0, 3, 3], // SQDC has weight 1 in this step.
    ] as const) {
      const model = makeModel(tinyTwoStage({ sqdc: { weight: sqdc }, decorrelation: { weight } }));
      const spread = spreadOf(model, CANDIDATES);
      const { loss, contrast } = trainingOf(model).runContrast(BATCH, { step: 0 });
      const plain = trainingOf(makeModel(tinyTwoStage())).runContrast(BATCH, { step: 0 });
      expect(contrast).toBeCloseTo(plain.contrast, 5);
      expect(loss).toBeCloseTo(contrast + ratio * spread, 4);
    }
  });
});

test('item vectors use more dimensions under SQDC with decorrelation than without', () => {
  const { samples, split } = makeWorld({ events: 600 });
  /** `D · e^−loss`, over all items. */
  const dimensionsAfter = (weight: number) => {
    const model = makeModel(tinyTwoStage({ ...weighted(weight), optimizer: { encoderLearningRate: 0.005 } }));
    const histories = historiesOf(model.options);
    for (let step = 0; step < 30; step++) {
      const batch = gatherBatch(samples, split.train.subarray(16 * step, 16 * step + 16), histories);
      trainingOf(model).runContrast(batch, { step });
    }
    return DIM * Math.exp(-spreadOf(model, [...Array(ITEMS).keys()]));
  };
  expect(dimensionsAfter(0)).toBeLessThan(1.1);
  expect(dimensionsAfter(0.5)).toBeGreaterThan(2);
});
