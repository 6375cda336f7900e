import { MemoryBank } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { drawCandidates, exportWeights } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyLemur, trainingOf } from './small-world.js';
import { encoderGradients, gradientsUnder, norm } from './step-gradients.js';
import { changedWeights } from './whole-state.js';

const makeModel = modelMaker();
const CANDIDATES = Int32Array.from({ length: 20 }, (_, i) => 100 + i);

function bankOf(ids: ArrayLike<number>): MemoryBank {
  const bank = new MemoryBank({ dim: 2 });
  bank.write(ids, new Float32Array(2 * ids.length).fill(1), 0);
  return bank;
}

describe('drawCandidates', () => {
  test('of U stored candidates, q·U learn and (p − q)·U are refreshed', () => {
    const bank = bankOf(CANDIDATES);
    for (const [forward, backward] of [
      [1, 1],
      [1, 0.2],
      [0.2, 0.2],
      [0.5, 0.1],
      [0.1, 0],
      [0, 0],
    ] as const) {
      const { learning, refreshing } = drawCandidates(CANDIDATES, bank, { forward, backward }, seededRandom(1));
      expect([learning.length, refreshing.length]).toEqual([20 * backward, Math.round(20 * (forward - backward))]);
      const drawn = [...learning, ...refreshing];
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((id) => CANDIDATES.includes(id))).toBe(true);
    }
  });

  test('candidates missing from the bank are always encoded, stored ones up to the share p', () => {
    const bank = bankOf(CANDIDATES.subarray(3));
    for (let seed = 0; seed < 20; seed++) {
      const { learning, refreshing } = drawCandidates(
        CANDIDATES,
        bank,
        { forward: 0.2, backward: 0.1 },
        seededRandom(seed),
      );
      const drawn = [...learning, ...refreshing];
      expect(drawn).toEqual(expect.arrayContaining([100, 101, 102]));
      expect(learning.length).toBe(2);
      expect(drawn.length).toBeGreaterThanOrEqual(4);
      expect(drawn.length).toBeLessThanOrEqual(4 + 3);
    }
    const nothing = drawCandidates(CANDIDATES, bank, { forward: 0, backward: 0 }, seededRandom(1));
    expect([...nothing.refreshing].sort()).toEqual([100, 101, 102]);
    expect(nothing.learning.length).toBe(0);
  });

  test('a hot candidate takes part with probability rate, the others always', () => {
    const bank = bankOf(CANDIDATES);
    for (let written = 0; written < 4; written++) {
      bank.write(CANDIDATES.subarray(0, 10), new Float32Array(20).fill(1), written);
    }
    const random = seededRandom(5);
    const counts = new Map<number, number>();
    const draw = (writes: number, rate: number) =>
      drawCandidates(CANDIDATES, bank, { forward: 1, backward: 1, hot: { writes, rate } }, random).learning;
    for (let k = 0; k < 400; k++) for (const id of draw(5, 0.1)) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const id of CANDIDATES.subarray(10)) expect(counts.get(id)).toBe(400);
    const hot = Array.from(CANDIDATES.subarray(0, 10), (id) => counts.get(id) ?? 0);
    const mean = hot.reduce((total, count) => total + count, 0) / 10;
    expect(mean).toBeGreaterThan(400 * 0.1 - 10); // Deviation of the mean: √(400 · 0.09 / 10) = 1.9.
    expect(mean).toBeLessThan(400 * 0.1 + 10);
    expect([...draw(6, 0)].sort()).toEqual([...CANDIDATES]); // None was written 6 times.
    expect([...draw(5, 0)].sort()).toEqual([...CANDIDATES.subarray(10)]);
    expect(() => draw(5, 1.5)).toThrow('expected a rate of hot content in 0 … 1, got 1.5');
  });

  test('is uniform: over many draws every candidate learns equally often', () => {
    const bank = bankOf(CANDIDATES);
    const random = seededRandom(3);
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 2000; draw++) {
      for (const id of drawCandidates(CANDIDATES, bank, { forward: 0.2, backward: 0.2 }, random).learning) {
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    // 400 ± 18 each; five deviations.
    for (const id of CANDIDATES) expect(Math.abs(counts.get(id)! - 400)).toBeLessThan(90);
  });

  test('is a function of the random numbers, and does not change its arguments', () => {
    const bank = bankOf(CANDIDATES);
    const draw = (seed: number) =>
      drawCandidates(CANDIDATES, bank, { forward: 0.5, backward: 0.3 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(CANDIDATES).toEqual(Int32Array.from({ length: 20 }, (_, i) => 100 + i));
    expect(drawCandidates(new Int32Array(0), bank, { forward: 1, backward: 1 }, seededRandom(1))).toEqual({
      learning: new Int32Array(0),
      refreshing: new Int32Array(0),
    });
  });

  test('refuses q > p and shares outside 0 … 1', () => {
    for (const [forward, backward] of [
      [0.2, 0.3],
      [1.1, 1],
      [0.5, -0.1],
      [Number.NaN, 0],
      [0.5, Number.NaN],
    ] as const) {
      expect(() => drawCandidates(CANDIDATES, bankOf([]), { forward, backward }, seededRandom(1))).toThrow(
        /drawCandidates: expected 0 ≤ backward ≤ forward ≤ 1, got/,
      );
    }
  });
});

describe('a step with forward share p and backward share q', () => {
  const rows = Array.from({ length: 10 }, (_, item) => ({ item, user: item, label: item % 2 === 0 ? 0 : 1 }) as const);
  const batch = batchOf(rows);
  const items = Int32Array.from(rows, ({ item }) => item);

  function modelWith(forward: number, backward: number, stored: (item: number) => number = () => 1) {
    const model = makeModel(tinyLemur({ sqdc: { weight: 0 }, sampling: { forward, backward } }));
    const bank = new MemoryBank({ dim: 16 });
    for (const item of items) {
      bank.write(
        [item],
        Float32Array.from({ length: 16 }, (_, k) => Math.sin(item + k) * stored(item)),
        0,
      );
    }
    model.replaceBank(bank);
    return model;
  }

  test('encodes, learns from and writes these shares', () => {
    for (const [forward, backward] of [
      [1, 1],
      [1, 0.2],
      [0.2, 0.2],
      [0, 0],
    ] as const) {
      const model = modelWith(forward, backward);
      const { candidates, learned, refreshed } = trainingOf(model).run(batch, { step: 4 });
      expect([candidates, learned, refreshed]).toEqual([10, 10 * backward, 10 * (forward - backward)]);
      expect(model.bank.snapshot().steps.filter((step) => step === 4).length).toBe(10 * forward);
    }
  });

  test('gives the content encoders a gradient only if q > 0', () => {
    const gradient = (forward: number, backward: number) => {
      const model = modelWith(forward, backward);
      const before = exportWeights(model);
      trainingOf(model).run(batch, { step: 0 });
      const changed = changedWeights(before, exportWeights(model)).filter((path) => path.startsWith('content.'));
      return { length: norm(gradientsUnder('content.', encoderGradients(model))), changed: changed.length };
    };
    for (const [forward, backward] of [
      [0, 0],
      [1, 0],
    ] as const) {
      expect(gradient(forward, backward)).toEqual({ length: 0, changed: 0 });
    }
    expect(gradient(0.2, 0.2).length).toBeGreaterThan(0);
    expect(gradient(1, 0.2).changed).toBeGreaterThan(10);
  });

  test('ranks candidates that are not drawn by their stored vectors', () => {
    const loss = (forward: number, changed: number) =>
      trainingOf(modelWith(forward, 0, (item) => (item === changed ? -1 : 1))).run(batch, { step: 0 }).loss;
    for (const item of [0, 7]) {
      expect(loss(0, item)).not.toBe(loss(0, -1));
      expect(loss(1, item)).toBe(loss(1, -1)); // All are encoded.
    }
  });

  test('takes refreshed candidates as constants: only the learning ones have a gradient', () => {
    const refreshing = modelWith(1, 0.3);
    trainingOf(refreshing).run(batch, { step: 0 });
    // The same draw, but the other candidates are read from the bank, with the same values.
    const reading = modelWith(0.3, 0.3);
    reading.bank.write(items, reading.encode(items), 0);
    trainingOf(reading).run(batch, { step: 0 });
    const expected = gradientsUnder('content.', encoderGradients(reading));
    expect(norm(expected)).toBeGreaterThan(1e-6);
    expect(gradientsUnder('content.', encoderGradients(refreshing))).toBeAllClose(expected, {
      rtol: 1e-3,
      atol: 1e-4 * norm(expected),
    });
  });

  test('draws by the number of the step', () => {
    const drawnAt = (step: number) => {
      const model = modelWith(0.5, 0);
      trainingOf(model).run(batch, { step });
      const { ids, steps } = model.bank.snapshot();
      return [...ids].filter((_, index) => steps[index] === step).join();
    };
    expect(drawnAt(1)).toBe(drawnAt(1));
    expect(new Set([1, 2, 3, 4].map(drawnAt)).size).toBeGreaterThan(1);
  });

  test('stores every candidate in an empty bank', () => {
    const model = makeModel(tinyLemur({ sampling: { forward: 0.2, backward: 0.2 } }));
    expect(trainingOf(model).run(batch, { step: 0 })).toMatchObject({ learned: 2, refreshed: 8 });
    expect(model.bank.size).toBe(10);
    expect(trainingOf(model).run(batch, { step: 1 })).toMatchObject({ learned: 2, refreshed: 0 });
  });
});
