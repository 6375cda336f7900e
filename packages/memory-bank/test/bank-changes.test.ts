import { type BankChange, MemoryBank, type MemoryBankOptions } from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';

type Seen = readonly [kind: string, ids: readonly number[], values: readonly number[]];

/** A bank of width 1 and its changes: each with the values that its items had when it was announced. */
function watched(options: Partial<MemoryBankOptions> = {}): { bank: MemoryBank; seen: Seen[] } {
  const seen: Seen[] = [];
  const onChange = ({ kind, ids }: BankChange) =>
    seen.push([kind, Array.from(ids), Array.from(bank.peek(ids).vectors)]);
  const bank: MemoryBank = new MemoryBank({ dim: 1, onChange, ...options });
  return { bank, seen };
}

const rowsOf = (ids: readonly number[], value: number, version: number) => ({
  ids: Int32Array.from(ids),
  vectors: new Float32Array(ids.length).fill(value),
  steps: new Int32Array(ids.length).fill(40),
  versions: new Int32Array(ids.length).fill(version),
});

describe('onChange', () => {
  it('announces writes and merged rows after, removals before they happen', () => {
    const { bank, seen } = watched();
    bank.write([1, 2], Float32Array.of(10, 20), 0);
    bank.write([], new Float32Array(0), 0);
    bank.merge(rowsOf([2, 3], 30, 2));
    bank.merge(rowsOf([2, 3, 4], 40, 1)); // Items 2 and 3 have newer rows.
    bank.remove([3, -1, 77]);
    bank.remove([-1]);
    expect(seen).toEqual([
      ['write', [1, 2], [10, 20]],
      ['merge', [2, 3], [30, 30]],
      ['merge', [4], [40]],
      ['remove', [3, 77], [30, 0]],
    ]);
    expect(bank.has(3)).toBe(false);
  });

  it('announces an eviction while the item can still be read, and lastVersion continues its versions', () => {
    const { bank, seen } = watched({ capacity: 2, lastVersion: (id) => (id === 1 ? 6 : 0) });
    bank.write([1, 2], Float32Array.of(10, 20), 0);
    bank.write([3], Float32Array.of(30), 1);
    bank.write([1], Float32Array.of(11), 2);
    expect(seen).toEqual([
      ['write', [1, 2], [10, 20]],
      ['evict', [1], [10]],
      ['write', [3], [30]],
      ['evict', [2], [20]],
      ['write', [1], [11]],
    ]);
    expect(bank.version(1)).toBe(7);
  });

  it.each(['write', 'merge'] as const)('announces the rows of a %s that the same call evicts again', (kind) => {
    const { bank, seen } = watched({ capacity: 2 });
    const ids = [1, 2, 3, 4, 5];
    if (kind === 'write') bank.write(ids, Float32Array.of(10, 20, 30, 40, 50), 0);
    else bank.merge({ ...rowsOf(ids, 0, 1), vectors: Float32Array.of(10, 20, 30, 40, 50) });
    const announced = seen
      .filter(([which]) => which === kind)
      .flatMap(([, items, values]) => items.map((id, i) => [id, values[i]!]));
    for (const id of ids) expect(announced).toContainEqual([id, 10 * id]);
    expect(seen.filter(([which]) => which === 'evict')).toHaveLength(3);
  });

  it('is not called for the rows of MemoryBank.from', () => {
    const { bank } = watched();
    bank.write([1], Float32Array.of(1), 0);
    const seen: string[] = [];
    const copy = MemoryBank.from(bank.snapshot(), { onChange: ({ kind }) => seen.push(kind), lastVersion: () => 4 });
    expect(seen).toEqual([]);
    copy.write([2], Float32Array.of(2), 0);
    expect(seen).toEqual(['write']);
    expect(copy.version(2)).toBe(5);
  });
});

describe('restore', () => {
  it('makes the bank equal to the snapshot, and keeps its hooks and readers', () => {
    const { bank, seen } = watched();
    bank.write([1, 2], Float32Array.of(10, 20), 3);
    bank.read([1, 1]);
    const snapshot = bank.snapshot();
    const reader = bank.reader();
    for (let id = 3; id < 60; id++) bank.write([id], Float32Array.of(1), 4);
    bank.write([2], Float32Array.of(21), 4);
    bank.remove([1]);
    seen.length = 0;

    bank.restore(snapshot);
    expect(bank.snapshot()).toEqual(snapshot);
    expect([reader.size, reader.has(3), reader.has(59), reader.reads(1)]).toEqual([2, false, false, 2]);
    expect(reader.read([1, 2]).vectors).toEqual(Float32Array.of(10, 20));
    expect(seen).toEqual([
      ['restore', [1, 2], [0, 21]], // Before: item 1 is still missing.
      ['restored', [1, 2], [10, 20]],
    ]);
    bank.write([5], Float32Array.of(50), 5);
    expect(seen.at(-1)).toEqual(['write', [5], [50]]);
    expect(snapshot.ids).toEqual(Int32Array.of(1, 2));
  });

  it('makes a full bank evict as its original', () => {
    const original = new MemoryBank({ dim: 1, capacity: 200, evict: 'leastRead' });
    for (let id = 0; id < 301; id++) original.write([id], Float32Array.of(id), id);
    const snapshot = original.snapshot();
    expect(snapshot.victims.length).toBeGreaterThan(0);
    const other = new MemoryBank({ dim: 1, capacity: 200, evict: 'leastRead' });
    for (let id = 1000; id < 1300; id++) other.write([id], Float32Array.of(id), id);
    other.restore(snapshot);
    for (const bank of [original, other]) bank.write([7000, 7001], Float32Array.of(1, 2), 400);
    expect(other.snapshot()).toEqual(original.snapshot());
  });

  it.each<[string, MemoryBankOptions, string]>([
    ['width', { dim: 2 }, 'expected a snapshot with dim 1 as in this bank, got 2'],
    ['storage', { dim: 1, storage: 'int8' }, 'expected a snapshot with storage float32 as in this bank, got int8'],
    ['capacity', { dim: 1, capacity: 9 }, 'expected a snapshot with capacity unlimited as in this bank, got 9'],
    ['rule', { dim: 1, evict: 'leastRead' }, 'expected a snapshot with evict oldest as in this bank, got leastRead'],
  ])('refuses a snapshot of another %s, without any change', (_, options, message) => {
    const { bank, seen } = watched();
    bank.write([1], Float32Array.of(10), 3);
    const before = bank.snapshot();
    seen.length = 0;
    const other = new MemoryBank(options).snapshot();
    for (const call of [() => bank.restore(other), () => bank.assertRestorable(other)]) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`MemoryBank.restore: ${message}`);
    }
    const twice = { ...before, ids: Int32Array.of(1, 1), steps: Int32Array.of(3, 3) };
    expect(() => bank.restore(twice)).toThrow('MemoryBank.restore: vectors: expected 2 × 1 values, got 1');
    expect(() => bank.assertRestorable(before)).not.toThrow();
    expect(bank.snapshot()).toEqual(before);
    expect(seen).toEqual([]);
  });
});
