import { type EvictionRule, MemoryBank, type MemoryBankOptions } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { describe, expect, it } from 'vitest';

/** A bank of width 1 with the vector [i] for item i. The items are written in the given order, one per step. */
function filled(options: Omit<MemoryBankOptions, 'dim'>, ids: readonly number[]): MemoryBank {
  const bank = new MemoryBank({ dim: 1, ...options });
  for (const [step, id] of ids.entries()) bank.write([id], Float32Array.of(id), step);
  return bank;
}
const idsOf = (bank: MemoryBank): number[] => Array.from(bank.snapshot().ids).sort((a, b) => a - b);

describe('capacity', () => {
  it('oldest: evicts the item written longest ago; a write makes an item new', () => {
    const bank = filled({ capacity: 3 }, [1, 2, 3, 1]);
    expect(bank.write([4], Float32Array.of(4), 10)).toMatchObject({ added: 1, evicted: 1 });
    expect(idsOf(bank)).toEqual([1, 3, 4]);
    expect(bank.read([2]).found[0]).toBe(0);
    expect(bank.version(2)).toBe(0);
    bank.write([5, 6], Float32Array.of(5, 6), 11);
    expect(idsOf(bank)).toEqual([4, 5, 6]);
    expect(bank.read([4, 5, 6]).vectors).toEqual(Float32Array.of(4, 5, 6));
  });

  it('leastRead: evicts the item read least often, on a tie the older one; spares the items of this step', () => {
    const bank = filled({ capacity: 4, evict: 'leastRead' }, [1, 2, 3, 4]);
    bank.read([1, 1, 1, 2, 4]);
    bank.write([5, 6, 7], Float32Array.of(5, 6, 7), 10); // They replace 3 (never read), 2 and 4 (read once).
    expect(idsOf(bank)).toEqual([1, 5, 6, 7]);
    bank.read([5, 6, 7, 7, 6, 5, 5, 5]);
    bank.write([8], Float32Array.of(8), 11);
    expect(idsOf(bank)).toEqual([1, 5, 7, 8]);
  });

  it('peek and a reader do not count as reads', () => {
    const bank = filled({ capacity: 2, evict: 'leastRead' }, [1, 2]);
    bank.peek([1, 1, 1]);
    bank.reader().read([1, 1, 1]);
    bank.read([2]);
    bank.write([3], Float32Array.of(3), 5);
    expect(idsOf(bank)).toEqual([2, 3]);
  });

  it.each(['oldest', 'leastRead'] as const)('%s: keeps the last ids if there are more than the capacity', (evict) => {
    const bank = new MemoryBank({ dim: 1, capacity: 3, evict });
    const ids = Array.from({ length: 10 }, (_, i) => i);
    expect(bank.write(ids, Float32Array.from(ids), 0)).toMatchObject({ added: 10, evicted: 7 });
    expect(bank.size).toBe(3);
    expect(bank.has(9)).toBe(true);
  });

  it('oldest is exact over thousands of writes', () => {
    const capacity = 300;
    const bank = new MemoryBank({ dim: 1, capacity });
    const lastWritten = new Map<number, number>(); // Kept in the order of writes by deleting and setting again.
    const random = seededRandom(8);
    for (let step = 0; step < 5000; step++) {
      const id = Math.floor(1000 * random());
      lastWritten.delete(id);
      lastWritten.set(id, step);
      if (lastWritten.size > capacity) lastWritten.delete(lastWritten.keys().next().value!);
      bank.write([id], Float32Array.of(step), step);
    }
    expect(idsOf(bank)).toEqual(Array.from(lastWritten.keys()).sort((a, b) => a - b));
  });

  it("leastRead keeps more of a skewed reader's items than oldest", () => {
    const random = seededRandom(9);
    const hitsOf = (evict: 'oldest' | 'leastRead') => {
      const bank = new MemoryBank({ dim: 1, capacity: 256, evict });
      let hits = 0;
      for (let step = 0; step < 3000; step++) {
        const wanted = Array.from({ length: 8 }, () => Math.floor(4000 * random() ** 4));
        hits += bank.read(wanted).found.reduce((a, b) => a + b);
        const unseen = Array.from({ length: 4 }, () => Math.floor(4000 * random()));
        const written = [...wanted.slice(0, 2), ...unseen];
        bank.write(written, Float32Array.from(written), step);
      }
      return hits;
    };
    expect(hitsOf('leastRead')).toBeGreaterThan(1.2 * hitsOf('oldest'));
  });

  it.each([
    ['capacity', { capacity: 0 }, 'MemoryBank: expected a positive capacity, got 0'],
    ['rule', { evict: 'random' as 'oldest' }, 'MemoryBank: expected evict oldest or leastRead, got random'],
  ])('refuses an invalid %s', (_, options, message) => {
    expect(() => new MemoryBank({ dim: 1, ...options })).toThrow(message);
  });

  it('oldest evicts a marked item even if it has been read since; leastRead spares it', () => {
    const keptOf = (evict: EvictionRule) => {
      const bank = new MemoryBank({ dim: 1, capacity: 192, evict }); // Marks three items at a time.
      // Evicts item 0, marks items 1 and 2.
      for (let id = 0; id <= 192; id++) bank.write([id], Float32Array.of(id), id);
      bank.read([1]);
      bank.write([193], Float32Array.of(1), 193);
      return [bank.has(0), bank.has(1), bank.has(2)];
    };
    expect(keptOf('oldest')).toEqual([false, false, true]);
    expect(keptOf('leastRead')).toEqual([false, true, false]);
  });
});

describe('merge and rows', () => {
  it('stores rows with their steps and versions, unless it has newer ones', () => {
    const bank = new MemoryBank({ dim: 1 });
    const rows = (value: number, version: number) => ({
      ids: Int32Array.of(5, 6),
      vectors: Float32Array.of(value, value + 1),
      steps: Int32Array.of(40, 41),
      versions: Int32Array.of(version, version),
    });
    expect(bank.merge(rows(1, 7))).toBe(2);
    expect(bank.rows([6, 9, -1, 5])).toEqual({
      ids: Int32Array.of(6, 5),
      vectors: Float32Array.of(2, 1),
      steps: Int32Array.of(41, 40),
      versions: Int32Array.of(7, 7),
    });
    expect(bank.merge(rows(3, 6))).toBe(0);
    expect(bank.merge(rows(3, 7))).toBe(2);
    bank.write([5], Float32Array.of(9), 50);
    expect(bank.version(5)).toBe(8);
    expect(bank.merge(rows(4, 7))).toBe(1);
    expect(bank.read([5, 6]).vectors).toEqual(Float32Array.of(9, 5));
  });
});
