import {
  assertNoLeakage,
  BatchPlan,
  buildSamples,
  gatherBatch,
  type HistoryOptions,
  LeakageError,
  type NamedHistories,
  sequentialBatches,
  splitByTime,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const samples = buildSamples(interactionsOf(madeUpEvents(600)));
const indices = Int32Array.from({ length: samples.length }, (_, i) => i);
const histories = {
  short: { length: 3 },
  long: { length: 12, skip: 3 },
  recent: { length: 7, events: 'all' },
} as const satisfies NamedHistories;

/** Items and labels by the definition, from all samples. */
function historyByDefinition(sample: number, events: 'positive' | 'all'): [number, number][] {
  const found: [number, number][] = [];
  for (let other = samples.length - 1; other >= 0; other--) {
    if (samples.users[other] !== samples.users[sample]) continue;
    if (samples.timestamps[other]! >= samples.timestamps[sample]!) continue;
    if (events === 'all' || samples.labels[other] === 1) found.push([samples.items[other]!, samples.labels[other]!]);
  }
  return found;
}

describe('Samples.history', () => {
  it.each(['positive', 'all'] as const)('holds the events of its kind, with any skip: %s', (events) => {
    const target = new Int32Array(5);
    const labels = new Uint8Array(5);
    for (let sample = 0; sample < samples.length; sample += 7) {
      const expected = historyByDefinition(sample, events);
      for (const skip of [0, 1, 4, 1000]) {
        const count = samples.history(sample, target, 0, 5, { skip, events, labels });
        const found = Array.from({ length: count }, (_, k) => [target[k], labels[k]]);
        expect(found).toEqual(expected.slice(skip, skip + 5));
        expect(target.subarray(count).every((item) => item === -1)).toBe(true);
        expect(labels.subarray(count).every((label) => label === 0)).toBe(true);
      }
    }
  });

  it('writes labels only at the positions of the history, and the same items without labels', () => {
    const [items, alone] = [new Int32Array(9).fill(7), new Int32Array(9).fill(7)];
    const labels = new Uint8Array(9).fill(9);
    const sample = samples.length - 1;
    const count = samples.history(sample, items, 2, 4, { events: 'all', labels });
    expect(samples.history(sample, alone, 2, 4, { events: 'all' })).toBe(count);
    expect(items).toEqual(alone);
    const expected = historyByDefinition(sample, 'all').slice(0, 4);
    expect([...labels]).toEqual([9, 9, ...expected.map(([, label]) => label), 9, 9, 9]);
    expect(new Set(samples.labels)).toEqual(new Set([0, 1])); // The tests need both labels.
  });

  it('a short history and the one that skips it make up the long one', () => {
    const [whole, head, tail] = [new Int32Array(9), new Int32Array(4), new Int32Array(5)];
    for (let sample = 0; sample < samples.length; sample++) {
      const counts = [
        samples.history(sample, head, 0, 4),
        samples.history(sample, tail, 0, 5, { skip: 4 }),
        samples.history(sample, whole, 0, 9),
      ];
      expect(counts[0]! + counts[1]!).toBe(counts[2]);
      expect([...head, ...tail]).toEqual([...whole]);
    }
  });
});

describe('batch.histories', () => {
  it('are the samples’ histories, by name', () => {
    const batch = gatherBatch(samples, Int32Array.of(590, 3, 300), histories);
    expect(Object.keys(batch.histories)).toEqual(['short', 'long', 'recent']);
    for (const [name, options] of Object.entries<HistoryOptions>(histories)) {
      const { items, labels, lengths, ...used } = batch.histories[name]!;
      expect(used).toEqual({ skip: 0, events: 'positive', ...options });
      for (const [b, row] of batch.rows.entries()) {
        const expected = new Int32Array(options.length);
        const liked = new Uint8Array(options.length);
        expect(lengths[b]).toBe(samples.history(row, expected, 0, options.length, { ...options, labels: liked }));
        const range = [b * options.length, (b + 1) * options.length] as const;
        expect([...items.subarray(...range)]).toEqual([...expected]);
        expect([...labels.subarray(...range)]).toEqual([...liked]);
      }
    }
  });

  it('are in every batch of a plan and of sequential batches, and empty by default', () => {
    const options = { samples, indices, batchSize: 16 };
    const planned = new BatchPlan({ ...options, histories, seed: 1 }).batch(5);
    expect(planned).toEqual(gatherBatch(samples, planned.rows, histories));
    const [first] = sequentialBatches({ ...options, histories });
    expect(first).toEqual(gatherBatch(samples, indices.slice(0, 16), histories));
    expect(new BatchPlan({ ...options, seed: 1 }).batch(0).histories).toEqual({});
  });

  it('are refused by name if their options are impossible', () => {
    const plan = (wrong: object) => () =>
      new BatchPlan({
        samples,
        indices,
        batchSize: 4,
        seed: 1,
        histories: { odd: { length: 3, ...wrong } },
      });
    expect(plan({ length: 2.5 })).toThrow(
      'BatchPlan: expected length of history "odd" to be a whole number from 0, got 2.5',
    );
    expect(plan({ skip: -1 })).toThrow('expected skip of history "odd"');
    expect(plan({ events: 'liked' })).toThrow('expected events of history "odd" to be positive or all, got "liked"');
  });
});

describe('assertNoLeakage', () => {
  const split = splitByTime(samples);

  it('accepts every kind of history', () => {
    assertNoLeakage(samples, split, { histories });
  });

  it('refuses a history of all events that holds the sample’s own item', () => {
    const leaky = {
      ...samples,
      history: ((sample, target, offset, length, selection) => {
        const count = samples.history(sample, target, offset, length, selection);
        if (selection?.events !== 'all') return count;
        target[offset] = samples.items[sample]!;
        return Math.max(1, count);
      }) satisfies typeof samples.history,
    };
    assertNoLeakage(leaky, split);
    expect(() => assertNoLeakage(leaky, split, { histories })).toThrow(LeakageError);
    expect(() => assertNoLeakage(leaky, split, { histories })).toThrow('in the history recent of sample 0');
  });

  it('refuses a history that holds another label than its event had', () => {
    const flipped = {
      ...samples,
      history: ((sample, target, offset, length, selection) => {
        const count = samples.history(sample, target, offset, length, selection);
        if (selection?.events === 'all' && count > 1 && selection.labels) selection.labels[offset + 1]! ^= 1;
        return count;
      }) satisfies typeof samples.history,
    };
    assertNoLeakage(flipped, split);
    expect(() => assertNoLeakage(flipped, split, { histories })).toThrow(LeakageError);
    expect(() => assertNoLeakage(flipped, split, { histories })).toThrow(
      /expected label [01] at position 1 of the history recent of sample \d+, got [01]/,
    );
  });
});
