import { MemoryBank, type VectorStorage } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { describe, expect, it } from 'vitest';

const DIM = 7;

function randomBank(storage: VectorStorage, size: number): MemoryBank {
  const random = seededRandom(2);
  const bank = new MemoryBank({ dim: DIM, storage });
  const ids = Array.from({ length: size }, (_, i) => 3 * i + 1);
  bank.write(
    ids,
    Float32Array.from({ length: size * DIM }, () => 2 * random() - 1),
    0,
  );
  return bank;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

describe('nearest', () => {
  it.each(['float32', 'float16', 'int8'] as const)('equals a comparison with every vector, %s', (storage) => {
    const bank = randomBank(storage, 1000);
    const query = Float32Array.from({ length: DIM }, (_, i) => Math.sin(i + 1));
    const all = Array.from(bank.snapshot().ids, (id) => ({ id, cosine: cosine(query, bank.peek([id]).vectors) }));
    all.sort((a, b) => b.cosine - a.cosine);
    const { ids, cosines } = bank.nearest(query, 25);
    expect(Array.from(ids)).toEqual(all.slice(0, 25).map(({ id }) => id));
    expect(cosines).toBeAllClose(
      all.slice(0, 25).map((one) => one.cosine),
      { atol: 1e-6 },
    );
  });

  it('finds an item by its own vector, unless it is excluded', () => {
    const bank = randomBank('float32', 300);
    const own = bank.peek([100]).vectors;
    const { ids, cosines } = bank.nearest(own, 2);
    expect(ids[0]).toBe(100);
    expect(cosines[0]).toBeCloseTo(1, 6);
    expect(Array.from(bank.nearest(own, 1, { exclude: [100] }).ids)).toEqual([ids[1]]);
    expect(bank.reads(100)).toBe(0);
  });

  it('returns fewer if fewer are stored, and ties in the order of writes', () => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([5, 2, 9], Float32Array.of(1, 1, 2, 2, 0, 0), 0);
    expect(Array.from(bank.nearest([3, 3], 10).ids)).toEqual([5, 2, 9]);
    expect(Array.from(bank.nearest([0, 0], 2).ids)).toEqual([5, 2]);
    expect(Array.from(bank.nearest([0, 0], 2).cosines)).toEqual([0, 0]);
    expect(bank.nearest([1, 1], 0).ids.length).toBe(0);
  });

  it('refuses a query of another width and a negative k', () => {
    const bank = new MemoryBank({ dim: 2 });
    expect(() => bank.nearest([1], 1)).toThrow('MemoryBank.nearest: expected a query of width 2, got 1');
    expect(() => bank.nearest([1, 1], -1)).toThrow('MemoryBank.nearest: expected an integer k ≥ 0, got -1');
  });
});
