import { BatchPlan, buildSamples, gatherBatch, sequentialBatches } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const samples = buildSamples(interactionsOf(madeUpEvents(600)));
const indices = Int32Array.from({ length: 103 }, (_, i) => 2 * i);
const histories = { liked: { length: 5 } };
const options = { samples, indices, batchSize: 10, histories, seed: 1 };
const epochRows = (plan: BatchPlan, epoch: number) =>
  Array.from({ length: plan.batchesPerEpoch }, (_, i) => [...plan.batch(epoch * plan.batchesPerEpoch + i).rows]).flat();

describe('gatherBatch', () => {
  it('holds the values of the samples, row by row', () => {
    const rows = Int32Array.of(samples.length - 1, 3, 300);
    const batch = gatherBatch(samples, rows, { liked: { length: 4 } });
    const liked = batch.histories['liked']!;
    expect([batch.size, liked.length, liked.items.length]).toEqual([3, 4, 12]);
    for (const [b, row] of rows.entries()) {
      expect(batch.users[b]).toBe(samples.users[row]);
      expect(batch.items[b]).toBe(samples.items[row]);
      expect(batch.labels[b]).toBe(samples.labels[row]);
      expect(batch.sessions[b]).toBe(samples.sessions[row]);
      expect(batch.timestamps[b]).toBe(samples.timestamps[row]);
      const history = new Int32Array(4);
      expect(liked.lengths[b]).toBe(samples.history(row, history, 0, 4));
      expect([...liked.items.subarray(4 * b, 4 * b + 4)]).toEqual([...history]);
    }
  });
});

describe('BatchPlan', () => {
  it('is a pure function of the step', () => {
    const plan = new BatchPlan(options);
    const forward = Array.from({ length: 35 }, (_, step) => plan.batch(step));
    for (const step of [34, 0, 17, 10, 9]) {
      expect(new BatchPlan(options).batch(step)).toEqual(forward[step]);
      expect(plan.batch(step)).toEqual(forward[step]);
    }
  });

  it('visits each sample once per epoch, in a different order for every epoch and seed', () => {
    const plan = new BatchPlan({ ...options, dropLast: false });
    expect(plan.batchesPerEpoch).toBe(11);
    const [first, second] = [epochRows(plan, 0), epochRows(plan, 1)];
    for (const rows of [first, second]) expect(rows.toSorted((a, b) => a - b)).toEqual([...indices]);
    expect(second).not.toEqual(first);
    expect(epochRows(new BatchPlan({ ...options, seed: 2, dropLast: false }), 0)).not.toEqual(first);
    expect(plan.batch(10).size).toBe(3);
  });

  it('draws the same order in every release', () => {
    const plan = new BatchPlan({
      samples,
      indices: Int32Array.from({ length: 12 }, (_, i) => i),
      batchSize: 6,
      seed: 1,
    });
    expect([0, 1, 2].map((step) => [...plan.batch(step).rows])).toEqual([
      [0, 4, 7, 10, 8, 1],
      [11, 9, 5, 3, 2, 6],
      [4, 6, 8, 9, 2, 7],
    ]);
  });

  it('drops the last short batch by default, with different samples in each epoch', () => {
    const plan = new BatchPlan(options);
    expect(plan.batchesPerEpoch).toBe(10);
    const [first, second] = [new Set(epochRows(plan, 0)), new Set(epochRows(plan, 1))];
    expect([first.size, second.size]).toEqual([100, 100]);
    expect(first).not.toEqual(second);
  });

  it('shuffles without bias: each sample is equally often at each position', () => {
    const plan = new BatchPlan({ ...options, indices: Int32Array.of(0, 1, 2, 3), batchSize: 4, histories: {} });
    const epochs = 2000;
    const counts = new Float64Array(16);
    for (let step = 0; step < epochs; step++) {
      for (const [position, row] of plan.batch(step).rows.entries()) counts[4 * position + row]!++;
    }
    // Chi-squared with 9 degrees of freedom (4 × 4 table) exceeds 27.9 with probability 0.001. The seed fixes the
    // outcome.
    const expected = epochs / 4;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(27.9);
  });

  it('does not change the indices', () => {
    const mine = indices.slice();
    new BatchPlan({ ...options, indices: mine }).batch(0);
    expect(mine).toEqual(indices);
  });

  it('refuses impossible sizes', () => {
    expect(() => new BatchPlan({ ...options, batchSize: 104 })).toThrow('expected at least one batch of 104, got 103');
    expect(() => new BatchPlan({ ...options, indices: Int32Array.of(), dropLast: false })).toThrow(RangeError);
    expect(() => new BatchPlan({ ...options, batchSize: 0 })).toThrow('batchSize to be a whole number from 1, got 0');
    expect(() => new BatchPlan({ ...options, histories: { liked: { length: 1.5 } } })).toThrow('got 1.5');
    expect(() => new BatchPlan(options).batch(-1)).toThrow('BatchPlan.batch: expected a whole number from 0, got -1');
    expect(() => new BatchPlan(options).batch(0.5)).toThrow(RangeError);
  });
});

describe('sequentialBatches', () => {
  it('keeps the order and the last short batch, and can be iterated again', () => {
    const batches = sequentialBatches(options);
    for (let walk = 0; walk < 2; walk++) {
      const all = [...batches];
      expect(all.map(({ size }) => size)).toEqual([...Array(10).fill(10), 3]);
      expect(all.flatMap(({ rows }) => [...rows])).toEqual([...indices]);
    }
  });

  it('refuses an impossible size at the call, and yields no batch for no samples', () => {
    expect(() => sequentialBatches({ ...options, batchSize: -1 })).toThrow('sequentialBatches: expected batchSize');
    expect([...sequentialBatches({ ...options, indices: Int32Array.of() })]).toEqual([]);
  });
});
