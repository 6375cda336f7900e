import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

/** The content-ID contrast of a first step over these items, one row each. */
function contrastOf(items: readonly number[], { itemDropout = 0, step = 0 } = {}): number {
  const model = makeModel(tinyLemur({ cic: { weight: 1 }, itemDropout }));
  return trainingOf(model).run(batchOf(items.map((item) => ({ item, history: [9] }))), { step }).contentId;
}

describe('content-ID contrast with drawn negatives', () => {
  const items = [1, 2, 3, 4].map((item) => ({ item, history: [9] }));
  const contrast = (exclude: 'nothing' | 'sameItem', step: number) => {
    const negatives = { kind: 'sampled', count: 2, exclude } as const;
    const model = makeModel(tinyLemur({ cic: { weight: 1, negatives } }));
    return trainingOf(model).run(batchOf(items), { step }).contentId;
  };

  test('draws others in each step, the same if it is repeated', () => {
    const drawn = [0, 1, 2].map((step) => contrast('sameItem', step));
    expect(new Set(drawn).size).toBe(3);
    expect(contrast('sameItem', 1)).toBe(drawn[1]);
    expect(contrast('nothing', 1)).not.toBe(drawn[1]);
  });
});

describe('content-ID contrast with hidden ids', () => {
  test('takes an item’s id from a row that shows it', () => {
    const items = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3];
    const whole = contrastOf([1, 2, 3]);
    for (let step = 0; step < 6; step++) expect(contrastOf(items, { itemDropout: 0.4, step })).toBeCloseTo(whole, 4);
  });

  test('leaves out the items that no row shows', () => {
    const subsets = [
      [1, 2, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ].map((items) => contrastOf(items));
    const seen = new Set<number>();
    for (let step = 0; step < 16; step++) {
      const contrast = contrastOf([1, 2, 3], { itemDropout: 0.4, step });
      if (Number.isNaN(contrast) || contrast < 1e-6) continue; // One item has no other to be told from.
      const found = subsets.findIndex((value) => Math.abs(value - contrast) < 1e-4);
      expect(found, `a contrast of ${contrast}`).toBeGreaterThanOrEqual(0);
      seen.add(found);
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  test('does not take part if every id is hidden', () => {
    expect(contrastOf([1, 2, 3], { itemDropout: 1 })).toBeNaN();
  });
});
