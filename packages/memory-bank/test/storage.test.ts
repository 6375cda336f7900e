import { MemoryBank, stalenessOf } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { normal } from '@sifaka/test-kit';
import { describe, expect, it } from 'vitest';

function normalVectors(count: number, dim: number, seed: number): Float32Array {
  const vectors = normal([count, dim], seed);
  const values = vectors.dataSync<'float32'>();
  vectors.dispose();
  return values;
}

function throughFloat16(values: Float32Array): Float32Array {
  const bank = new MemoryBank({ dim: values.length, storage: 'float16' });
  bank.write([1], values, 0);
  return bank.read([1]).vectors;
}

describe('float16', () => {
  it('has a relative error of at most 2⁻¹¹, and an absolute error of at most 2⁻²⁵ for subnormals', () => {
    const random = seededRandom(3);
    const values = Float32Array.from({ length: 20_000 }, () => (random() < 0.5 ? -1 : 1) * 2 ** (45 * random() - 29.5));
    const kept = throughFloat16(values);
    let worstRelative = 0;
    let worstSubnormal = 0;
    values.forEach((value, i) => {
      const error = Math.abs(kept[i]! - value);
      if (Math.abs(value) >= 2 ** -14) worstRelative = Math.max(worstRelative, error / Math.abs(value));
      else worstSubnormal = Math.max(worstSubnormal, error);
    });
    expect(worstRelative).toBeLessThanOrEqual(2 ** -11);
    expect(worstRelative).toBeGreaterThan(0.98 * 2 ** -11); // The bound is tight.
    expect(worstSubnormal).toBeLessThanOrEqual(2 ** -25);
  });

  it('keeps every float16 number, including the sign of zero', () => {
    const all = Float32Array.from({ length: 31 * 1024 }, (_, half) => {
      const exponent = half >> 10;
      return exponent === 0 ? half * 2 ** -24 : (1 + (half & 1023) / 1024) * 2 ** (exponent - 15);
    });
    expect(throughFloat16(all)).toEqual(all);
    const negative = all.map((value) => -value);
    expect(throughFloat16(negative)).toEqual(negative);
  });

  it('rounds to nearest, ties to even (IEEE 754)', () => {
    const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25, 65519, 2 - 2 ** -12);
    expect(throughFloat16(values)).toEqual(Float32Array.of(1, 1 + 2 ** -9, 0, 2 ** -23, 65504, 2));
  });

  it.each([65520, -1e6, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    const bank = new MemoryBank({ dim: 1, storage: 'float16' });
    const message = Number.isFinite(value) ? 'expected magnitudes below 65520, the limit of float16' : 'finite';
    expect(() => bank.write([4], Float32Array.of(value), 0)).toThrow(message);
    expect(bank.size).toBe(0);
  });
});

describe('int8', () => {
  it('has an error of at most half a step, the largest magnitude / 127', () => {
    const dim = 128;
    const bank = new MemoryBank({ dim, storage: 'int8' });
    // From 1e−30 to 1e29.
    const values = normalVectors(500, dim, 4).map((value, i) => value * 10 ** (((i >> 7) % 60) - 30));
    const ids = Int32Array.from({ length: 500 }, (_, i) => i);
    bank.write(ids, values, 0);
    const kept = bank.read(ids).vectors;
    let worst = 0;
    for (let row = 0; row < 500; row++) {
      const vector = values.subarray(row * dim, (row + 1) * dim);
      const step = Math.max(...vector.map(Math.abs)) / 127;
      vector.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(kept[row * dim + i]! - value) / step);
      });
    }
    expect(worst).toBeLessThanOrEqual(0.5 + 1e-4); // The scale and the product are float32.
    expect(worst).toBeGreaterThan(0.49);
  });

  it('keeps zeros, the smallest and the largest finite numbers', () => {
    const bank = new MemoryBank({ dim: 2, storage: 'int8' });
    const largest = 3.4028234663852886e38;
    bank.write([1, 2, 3], Float32Array.of(0, 0, 1e-45, -1e-44, largest, -largest), 0);
    const [a, b, c, d, e, f] = bank.read([1, 2, 3]).vectors;
    expect([a, b]).toEqual([0, 0]);
    expect(Math.abs(c!) + Math.abs(d!)).toBeLessThan(1e-42);
    expect(e! / largest).toBeCloseTo(1, 6);
    expect(f! / largest).toBeCloseTo(-1, 6);
  });
});

describe('cosine between written and stored vectors of width 128', () => {
  it.each([
    ['float32', 0],
    ['float16', 1e-7],
    ['int8', 1.5e-4],
  ] as const)('%s loses at most %d', (storage, loss) => {
    const dim = 128;
    const bank = new MemoryBank({ dim, storage });
    const vectors = normalVectors(1000, dim, 5);
    const ids = Int32Array.from({ length: 1000 }, (_, i) => i);
    bank.write(ids, vectors, 0);
    expect(stalenessOf(bank, ids, vectors).min).toBeGreaterThanOrEqual(1 - loss - 1e-12);
  });
});

it('refuses an unknown storage', () => {
  const storage = 'float8' as 'int8';
  expect(() => new MemoryBank({ dim: 1, storage })).toThrow('expected float32, float16, int8, got float8');
});
