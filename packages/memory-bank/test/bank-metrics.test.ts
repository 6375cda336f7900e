import {
  bankAge,
  coverageByPopularity,
  coverageBySequence,
  coverageOf,
  MemoryBank,
  sampleStaleness,
  stalenessOf,
  stalest,
  uncovered,
} from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';

/** Item i holds (cos φ, sin φ) for φ = i degrees. */
const direction = (degrees: number): number[] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
];
const directions = (ids: ArrayLike<number>, turn = 0): Float32Array =>
  Float32Array.from(Array.from(ids).flatMap((id) => direction(id + turn)));

function bankOf(ids: readonly number[]): MemoryBank {
  const bank = new MemoryBank({ dim: 2 });
  bank.write(ids, directions(ids), 0);
  return bank;
}
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('bankAge', () => {
  it('is the mean, median and maximum of the steps since each item was last written', () => {
    const bank = bankOf([1, 2, 3]);
    bank.write([2], directions([2]), 90);
    bank.write([3], directions([3]), 98);
    expect(bankAge(bank, 100)).toEqual({ mean: 112 / 3, median: 10, max: 100 });
    bank.write([4], directions([4]), 95);
    expect(bankAge(bank, 100).median).toBe(7.5); // Ages 2, 5, 10, 100.
    expect(bankAge(new MemoryBank({ dim: 1 }), 5)).toEqual({ mean: Number.NaN, median: Number.NaN, max: Number.NaN });
  });
});

describe('stalenessOf', () => {
  it('compares stored vectors with the given ones and leaves out items that are not stored', () => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1, 2], Float32Array.of(1, 0, 0, 2), 0);
    const { size, mean, median, min } = stalenessOf(bank, [1, 2, 3], Float32Array.of(7, 0, 4, 3, 1, 1));
    expect(size).toBe(2);
    for (const cosine of [mean, median]) expect(cosine).toBeCloseTo((1 + 0.6) / 2, 12);
    expect(min).toBeCloseTo(0.6, 12);
    expect(stalenessOf(bank, [1, 1], Float32Array.of(2, 0, -2, 0)).mean).toBe(0);
    expect(stalenessOf(bank, [3], Float32Array.of(1, 1))).toMatchObject({ size: 0, mean: Number.NaN });
    expect(() => stalenessOf(bank, [1, 2], Float32Array.of(1, 1))).toThrow('stalenessOf: expected 2 × 2 values, got 2');
  });
});

describe('staleness of rows that hold more than one vector', () => {
  // A row is a vector of two values and a number beside it.
  const stored = Float32Array.of(1, 0, 5, 0, 2, 5);
  const fresh = Float32Array.of(3, 0, -9, 4, 3, 9);

  it('compares the leading values alone', () => {
    const bank = new MemoryBank({ dim: 3 });
    bank.write([1, 2], stored, 0);
    expect(stalenessOf(bank, [1, 2], fresh, 2).mean).toBeCloseTo((1 + 0.6) / 2, 12);
    const sample = sampleStaleness({ bank, encode: () => fresh, size: 2, seed: 1, comparedDim: 2 });
    expect(sample.mean).toBeCloseTo((1 + 0.6) / 2, 12);
    expect(bank.write([1, 2], fresh, 1, { comparedDim: 2 }).stalenessCosine).toBeCloseTo((1 + 0.6) / 2, 12);
    expect([...bank.peek([1]).vectors]).toEqual([3, 0, -9]); // The whole row is written.
  });

  it('refuses a number of values that a row does not have', () => {
    const bank = new MemoryBank({ dim: 3 });
    for (const comparedDim of [0, 4, 1.5]) {
      const message = `expected comparedDim to be a whole number from 1 to 3, got ${comparedDim}`;
      expect(() => bank.write([1, 2], stored, 0, { comparedDim })).toThrow(`MemoryBank.write: ${message}`);
      expect(() => stalenessOf(bank, [1, 2], fresh, comparedDim)).toThrow(`stalenessOf: ${message}`);
    }
    expect(bank.size).toBe(0);
  });
});

describe('sampleStaleness', () => {
  it('is the cosine between stored vectors and those of the current encoders', () => {
    const bank = bankOf(range(90));
    const { size, mean, median, min } = sampleStaleness({
      bank,
      encode: (ids) => directions(ids, 30),
      size: 20,
      seed: 1,
    });
    expect(size).toBe(20);
    for (const cosine of [mean, median, min]) expect(cosine).toBeCloseTo(Math.cos(Math.PI / 6), 6);
    const half = sampleStaleness({
      bank,
      encode: (ids) => Float32Array.from(Array.from(ids).flatMap((id) => direction(id + (id < 45 ? 0 : 60)))),
      size: 90,
      seed: 1,
    });
    expect(half.mean).toBeCloseTo(0.75, 6);
    expect(half.min).toBeCloseTo(0.5, 6);
  });

  it('draws every stored item equally often, none twice, and the same items for the same seed', () => {
    const bank = bankOf(range(10).map((i) => 100 + i));
    const drawn = new Map<number, number>();
    const sample = (seed: number) => {
      let seen: number[] = [];
      const encode = (ids: Int32Array) => {
        seen = Array.from(ids);
        return directions(ids);
      };
      sampleStaleness({ bank, encode, size: 3, seed });
      return seen;
    };
    for (let seed = 0; seed < 2000; seed++) {
      const ids = sample(seed);
      expect(new Set(ids).size).toBe(3);
      for (const id of ids) drawn.set(id, (drawn.get(id) ?? 0) + 1);
    }
    expect(drawn.size).toBe(10);
    // 600 expected, standard deviation 20.5.
    for (const count of drawn.values()) expect(Math.abs(count - 600)).toBeLessThan(100);
    expect(sample(5)).toEqual(sample(5));
  });

  it('takes all items of a small bank, is NaN for an empty one, and needs one vector per item', () => {
    const encode = (ids: ArrayLike<number>) => directions(ids);
    expect(sampleStaleness({ bank: bankOf([4, 9]), encode, size: 50, seed: 0 })).toMatchObject({ size: 2, mean: 1 });
    expect(sampleStaleness({ bank: bankOf([]), encode, size: 5, seed: 0 })).toMatchObject({
      size: 0,
      mean: Number.NaN,
    });
    const short = () => sampleStaleness({ bank: bankOf([1]), encode: () => new Float32Array(1), size: 5, seed: 0 });
    expect(short).toThrow('sampleStaleness: expected encode to return 1 × 2 values, got 1');
  });
});

describe('coverage', () => {
  it('of a list of ids: repeats count, padding does not', () => {
    const bank = bankOf([1, 2]);
    expect(coverageOf(bank, [1, 2, 3, 1, -1, -1])).toEqual({ total: 4, found: 3, share: 0.75 });
    expect(coverageOf(bank, [-1]).share).toBeNaN();
    expect(coverageOf(new MemoryBank({ dim: 1 }), [3]).share).toBe(0);
  });

  it('by sequence: repeats count, padding does not', () => {
    const bank = bankOf([1, 2]);
    expect(coverageBySequence(bank, { candidates: [1, 2], long: [1, 3, 1, 4, -1, -1], none: [-1] })).toEqual({
      candidates: { total: 2, found: 2, share: 1 },
      long: { total: 4, found: 2, share: 0.5 },
      none: { total: 0, found: 0, share: Number.NaN },
    });
  });

  it('by popularity: of items and of their events', () => {
    const bank = bankOf([10, 11, 14, 18]);
    const ids = range(10).map((i) => 10 + i);
    const counts = [100, 50, 20, 20, 10, 5, 2, 2, 1, 0];
    const shuffled = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
    const buckets = coverageByPopularity({
      bank,
      ids: shuffled.map((index) => ids[index]!),
      counts: shuffled.map((index) => counts[index]!),
      head: 0.2,
      middle: 0.3,
    });
    expect(buckets).toEqual([
      { name: 'head', items: { total: 2, found: 2, share: 1 }, events: { total: 150, found: 150, share: 1 } },
      { name: 'middle', items: { total: 3, found: 1, share: 1 / 3 }, events: { total: 50, found: 10, share: 0.2 } },
      { name: 'tail', items: { total: 5, found: 1, share: 0.2 }, events: { total: 10, found: 1, share: 0.1 } },
    ]);
  });

  it('ranks the smaller of two ids with equal counts higher', () => {
    const [head] = coverageByPopularity({ bank: bankOf([4]), ids: [9, 4], counts: [3, 3], head: 0.5, middle: 0 });
    expect(head).toMatchObject({ name: 'head', items: { total: 1, found: 1 } });
  });

  it('by popularity: refuses a missing count and shares above 1', () => {
    const bank = bankOf([1]);
    expect(() => coverageByPopularity({ bank, ids: [1], counts: [] })).toThrow('expected 1 counts, got 0');
    const tooMuch = () => coverageByPopularity({ bank, ids: [1], counts: [1], head: 0.7, middle: 0.7 });
    expect(tooMuch).toThrow('expected shares of at most 1 together, got 0.7 and 0.7');
  });
});

describe('refresh and warm-up', () => {
  it('stalest orders by age × reads since the last write', () => {
    const bank = bankOf([1, 2, 3, 4, 5]);
    bank.read([1, 1, 1, 2, 3, 3, 3, 3]);
    bank.write([3], directions([3]), 90); // Most reads, but new: 10 × 1.
    bank.read([3, 5]);
    // Scores at step 100: item 1 has 300, 2 has 100, 3 has 10, 4 has 0 (never read), 5 has 100.
    expect(stalest({ bank, step: 100, budget: 10 })).toEqual(Int32Array.of(1, 2, 5, 3));
    expect(stalest({ bank, step: 100, budget: 2 })).toEqual(Int32Array.of(1, 2));
    expect(stalest({ bank, step: 100, budget: 0 })).toEqual(new Int32Array(0));
  });

  it('refreshing the stalest items makes reads younger than refreshing all items in turn', () => {
    const meanAgeOfReads = (choose: (bank: MemoryBank, step: number) => ArrayLike<number>) => {
      const bank = bankOf(range(200));
      let age = 0;
      for (let step = 1; step <= 400; step++) {
        const history = range(20).map((i) => Math.floor(200 * (((step * 20 + i) * 0.618034) % 1) ** 3));
        const { steps } = bank.read(history);
        age += steps.reduce((total, written) => total + step - written, 0) / steps.length;
        const chosen = choose(bank, step);
        bank.write(chosen, directions(chosen), step);
      }
      return age / 400;
    };
    const byBudget = meanAgeOfReads((bank, step) => stalest({ bank, step, budget: 5 }));
    const evenly = meanAgeOfReads((_, step) => range(5).map((i) => (step * 5 + i) % 200));
    expect(byBudget).toBeLessThan(0.9 * evenly);
  });

  it('uncovered lists items without a vector, most frequent first', () => {
    const bank = bankOf([1, 2]);
    const ids = [9, 1, 8, 7, 8, -1, 9, 8, 2, -1];
    expect(uncovered({ bank, ids })).toEqual(Int32Array.of(8, 9, 7));
    expect(uncovered({ bank, ids, budget: 2 })).toEqual(Int32Array.of(8, 9));
    expect(uncovered({ bank, ids: [1, 2] })).toEqual(new Int32Array(0));
  });
});
