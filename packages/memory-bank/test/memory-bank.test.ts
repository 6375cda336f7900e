import { MemoryBank } from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe('MemoryBank', () => {
  it('starts empty', () => {
    const bank = new MemoryBank({ dim: 2 });
    expect(bank.size).toBe(0);
    expect(bank.has(3)).toBe(false);
    expect(bank.version(3)).toBe(0);
    expect(bank.write([], floats(), 1)).toEqual({ added: 0, replaced: 0, evicted: 0, stalenessCosine: Number.NaN });
  });

  it('reads vectors in the order of the ids, and zeros for missing items', () => {
    const bank = new MemoryBank({ dim: 2 });
    expect(bank.write([7, 0], floats(1, 2, 3, 4), 5)).toEqual({
      added: 2,
      replaced: 0,
      evicted: 0,
      stalenessCosine: Number.NaN,
    });
    bank.write([9], floats(5, 6), 8);
    expect(bank.read([9, 4, 7, 9, -1, 0])).toEqual({
      vectors: floats(5, 6, 0, 0, 1, 2, 5, 6, 0, 0, 3, 4),
      found: Uint8Array.of(1, 0, 1, 1, 0, 1),
      steps: Int32Array.of(8, -1, 5, 8, -1, 5),
    });
    expect(bank.size).toBe(3);
    expect([bank.has(0), bank.has(4), bank.has(-1)]).toEqual([true, false, false]);
  });

  it('replaces a vector, keeps the step of the last write and counts the writes', () => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1, 2], floats(1, 0, 0, 1), 1);
    expect(bank.write([2, 3], floats(3, 4, 1, 1), 6)).toMatchObject({ added: 1, replaced: 1 });
    bank.write([2], floats(5, 5), 7);
    expect(bank.read([1, 2, 3]).vectors).toEqual(floats(1, 0, 5, 5, 1, 1));
    expect(bank.read([1, 2, 3]).steps).toEqual(Int32Array.of(1, 7, 6));
    expect([1, 2, 3, 4].map((id) => bank.version(id))).toEqual([1, 3, 1, 0]);
    expect(bank.size).toBe(3);
  });

  it('copies vectors when it writes and when it reads', () => {
    const bank = new MemoryBank({ dim: 2 });
    const written = floats(1, 2);
    bank.write([1], written, 0);
    written.fill(9);
    bank.read([1]).vectors.fill(8);
    bank.snapshot().vectors.fill(7);
    expect(bank.read([1]).vectors).toEqual(floats(1, 2));
  });

  it('keeps the later vector of an id that occurs twice in one write; the first counts as replaced', () => {
    const bank = new MemoryBank({ dim: 2 });
    const report = bank.write([4, 5, 4], floats(1, 0, 2, 2, 0, 3), 1);
    expect(report).toEqual({ added: 2, replaced: 1, evicted: 0, stalenessCosine: 0 });
    expect(bank.read([4]).vectors).toEqual(floats(0, 3));
    expect(bank.version(4)).toBe(2);
    expect(bank.size).toBe(2);
  });

  it('staleness is the mean cosine between each replaced vector and its successor', () => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1, 2, 3], floats(1, 0, 1, 0, 1, 0), 0);
    // Cosines 1 (only longer), 0.6, −1. Item 4 is new and has none.
    const report = bank.write([1, 2, 3, 4], floats(5, 0, 3, 4, -2, 0, 1, 1), 1);
    expect(report.stalenessCosine).toBeCloseTo((1 + 0.6 - 1) / 3, 12);
    expect(bank.write([4], floats(0, 0), 2).stalenessCosine).toBe(0);
  });

  it.each([0, 1, 3, 1000])('grows beyond an initial capacity of %i and keeps all items', (initialCapacity) => {
    const bank = new MemoryBank({ dim: 3, initialCapacity });
    const vectorOf = (id: number) => [id, id + 0.5, -id];
    for (let id = 0; id < 1000; id += 4) {
      const ids = [id, id + 1, id + 2, id + 3];
      bank.write(ids, floats(...ids.flatMap(vectorOf)), id);
    }
    const ids = Array.from({ length: 1000 }, (_, i) => i);
    const { vectors, steps } = bank.read(ids);
    expect(bank.size).toBe(1000);
    expect(vectors).toEqual(floats(...ids.flatMap(vectorOf)));
    expect(steps).toEqual(Int32Array.from(ids, (id) => id - (id % 4)));
    expect(ids.every((id) => bank.version(id) === 1)).toBe(true);
  });
});

describe('MemoryBank refuses, without any change,', () => {
  it.each([
    ['a NaN', [2, 1], floats(1, 1, Number.NaN, 1), 'MemoryBank.write: item 1: expected finite values, got NaN'],
    ['an infinity', [2], floats(1, Number.NEGATIVE_INFINITY), 'item 2: expected finite values, got -Infinity'],
    ['too few values', [1, 2], floats(1, 1, 1), 'MemoryBank.write: expected 2 × 2 values, got 3'],
    ['padding', [2, -1], floats(1, 1, 1, 1), 'MemoryBank.write: expected ids in 0 … 2³¹ − 1, got -1 at 1'],
    ['a fraction of an id', [1.5], floats(1, 1), 'got 1.5 at 0'],
    ['an id beyond 31 bits', [2 ** 31], floats(1, 1), 'got 2147483648 at 0'],
  ])('%s', (_, ids, vectors, message) => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1, 5], floats(1, 2, 3, 4), 3);
    const before = bank.snapshot();
    expect(() => bank.write(ids, vectors, 4)).toThrow(RangeError);
    expect(() => bank.write(ids, vectors, 4)).toThrow(message);
    expect(bank.snapshot()).toEqual(before);
    expect(bank.has(2)).toBe(false);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 31])('the step %d', (step) => {
    const bank = new MemoryBank({ dim: 1 });
    expect(() => bank.write([1], floats(1), step)).toThrow(`expected a step in 0 … 2³¹ − 1, got ${step}`);
    expect(bank.size).toBe(0);
  });

  it.each(['steps', 'versions'] as const)('negative %s', (name) => {
    const bank = new MemoryBank({ dim: 1 });
    const rows = { ids: Int32Array.of(1), vectors: floats(1), steps: Int32Array.of(1), versions: Int32Array.of(1) };
    expect(() => bank.merge({ ...rows, [name]: Int32Array.of(-1) })).toThrow(
      `MemoryBank.merge: ${name}: expected integers in 0 … 2³¹ − 1, got -1 at 0`,
    );
    expect(bank.size).toBe(0);
  });

  it('an overflow of versions and reads: they stay at 2³¹ − 1', () => {
    const most = 2 ** 31 - 1;
    const one = Int32Array.of(most);
    const state = { dim: 1, ids: Int32Array.of(5), vectors: floats(1), steps: one, versions: one, reads: one };
    const bank = MemoryBank.from({ ...state, readsAtWrite: Int32Array.of(most - 1) });
    bank.read([5]);
    bank.write([5], floats(2), most);
    expect([bank.version(5), bank.reads(5)]).toEqual([most, most]);
  });

  it.each([0, -4, 1.5, Number.NaN])('a width of %d', (dim) => {
    expect(() => new MemoryBank({ dim })).toThrow(`MemoryBank: expected a positive dim, got ${dim}`);
  });
});
