import { deriveSeed, parameter, seededRandom, shuffled, smallNormal, warmupCosine, xavierUniform } from '@sifaka/nn';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('deriveSeed', () => {
  it('never changes its values, because checkpoints resume with them', () => {
    // Values of a separate implementation of FNV-1a and murmur3's finaliser in Python.
    expect(deriveSeed(1, 'image', 'blocks', 0)).toBe(3147764950);
    expect(deriveSeed(0)).toBe(2872998923);
    expect(deriveSeed(4294967295, 'größe', 12)).toBe(1012702289);
  });

  it('gives distinct seeds for distinct paths and seeds', () => {
    const names = ['image', 'text', 'blocks', 'a', 'b', 'ab', ''];
    const paths = names.flatMap((first) =>
      names.flatMap((second) => [...Array(10).keys()].map((i) => [first, second, i])),
    );
    const seeds = [0, 1, 2, 3].flatMap((seed) => paths.map((path) => deriveSeed(seed, ...path)));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(deriveSeed(1, 'a', 'b')).not.toBe(deriveSeed(1, 'ab'));
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  });

  it('flips half of the bits between neighbouring indices', () => {
    let flipped = 0;
    for (let i = 0; i < 1000; i++) {
      const difference = deriveSeed(1, 'step', i) ^ deriveSeed(1, 'step', i + 1);
      for (let bit = 0; bit < 32; bit++) flipped += (difference >>> bit) & 1;
    }
    expect(flipped / 32_000).toBeCloseTo(0.5, 1);
  });
});

describe('seededRandom', () => {
  it('has the moments of the uniform distribution and no correlation of neighbours', () => {
    const random = seededRandom(1);
    const draws = Array.from({ length: 20_000 }, random);
    const average = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0) / values.length;
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    // Five standard deviations each: mean √(1/12/n), second moment √(4/45/n), product of neighbours √(7/144/n).
    expect(Math.abs(average(draws) - 1 / 2)).toBeLessThan(0.0103);
    expect(Math.abs(average(draws.map((x) => x * x)) - 1 / 3)).toBeLessThan(0.0106);
    expect(Math.abs(average(draws.slice(1).map((x, i) => x * draws[i]!)) - 1 / 4)).toBeLessThan(0.0103);
  });

  it('fills every twentieth of the interval equally', () => {
    const counts = new Array<number>(20).fill(0);
    const random = seededRandom(2);
    for (let i = 0; i < 20_000; i++) counts[Math.floor(random() * 20)]!++;
    const chiSquare = counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(43.8); // 99.9 % of the distribution with 19 degrees of freedom.
  });

  it('equals mulberry32', () => {
    const [zero, one] = [seededRandom(0), seededRandom(1)];
    expect([zero(), zero()]).toEqual([0.26642920868471265, 0.0003297457005828619]);
    expect([one(), one(), one()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('repeats for the same seed only', () => {
    const [a, b, c] = [7, 7, 8].map((seed) => Array.from({ length: 5 }, seededRandom(seed)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });
});

describe('shuffled', () => {
  it('gives every order equally often, and leaves its argument alone', () => {
    const ids = Int32Array.of(5, 6, 7);
    const random = seededRandom(3);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled(ids, random).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['5,6,7', '5,7,6', '6,5,7', '6,7,5', '7,5,6', '7,6,5']);
    const chiSquare = [...counts.values()].reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(20.5); // 99.9 % of the distribution with 5 degrees of freedom.
    expect([...ids]).toEqual([5, 6, 7]);
  });

  it('never changes its orders, because runs resume with them', () => {
    // Exchanges of Fisher and Yates by hand: numbers of 0 exchange the last with the first, and so on down.
    expect([...shuffled(Int32Array.of(0, 1, 2, 3), () => 0)]).toEqual([1, 2, 3, 0]);
    expect([...shuffled(Int32Array.of(0, 1, 2, 3), () => 0.999)]).toEqual([0, 1, 2, 3]);
    expect([...shuffled(new Int32Array(0), () => 0)]).toEqual([]);
  });
});

describe('initializers', () => {
  it('repeat for the same seed, 0 included', () => {
    tidy(() => {
      for (const draw of [xavierUniform, smallNormal]) {
        for (const seed of [0, 1]) expect(draw([3, 4], seed)).toBeAllClose(draw([3, 4], seed), { atol: 0, rtol: 0 });
        expect(draw([3, 4], 0)).not.toBeAllClose(draw([3, 4], 1));
      }
    });
  });

  it('stay within their bounds', () => {
    tidy(() => {
      const extreme = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));
      expect(extreme(smallNormal([1000], 1).dataSync())).toBeLessThanOrEqual(0.04);
      expect(extreme(xavierUniform([20, 30], 1).dataSync())).toBeLessThanOrEqual(Math.sqrt(6 / 50));
    });
  });

  it('leave no tensor other than the variable', () => {
    const before = memory().numTensors;
    const weight = parameter(() => smallNormal([3], 1));
    expect(memory().numTensors).toBe(before + 1);
    weight.dispose();
  });
});

describe('warmupCosine', () => {
  it('rises linearly to the peak, falls by half a cosine to the floor and stays there', () => {
    const rate = warmupCosine({ peak: 2, warmupSteps: 4, totalSteps: 12, floor: 0.25 });
    expect([0, 1, 2, 3].map(rate)).toBeAllClose([0.5, 1, 1.5, 2]);
    expect([4, 8, 12, 1000].map(rate)).toBeAllClose([2, 2 * (0.25 + 0.75 / 2), 0.5, 0.5]);
    for (let step = 4; step < 12; step++) expect(rate(step + 1)).toBeLessThan(rate(step));
  });

  it('starts at the peak without warm-up and ends at a tenth of it', () => {
    const rate = warmupCosine({ peak: 1, totalSteps: 10 });
    expect([rate(0), rate(10)]).toBeAllClose([1, 0.1]);
  });

  it('stays finite if all steps are warm-up', () => {
    const rate = warmupCosine({ peak: 1, warmupSteps: 5, totalSteps: 5 });
    expect([rate(4), rate(5), rate(6)]).toBeAllClose([1, 1, 0.1]);
  });
});
