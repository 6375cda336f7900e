import { auc, bootstrapInterval, GAUC_VARIANTS, type GaucVariant, gauc, pairedBootstrap } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

const { groups, labels, a, b } = golden;

/** Four users, small enough to list all 4⁴ resamples. The first and the last have two visits. */
const small = {
  groups: [1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4],
  visits: [7, 5, 5, 7, 7, 6, 6, 8, 8, 8, 2, 2, 9, 9],
  labels: [1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0],
  a: [3, 1, 3, 4, 2, 5, 2, 4, 1, 2, 1, 1, 2, 5],
  b: [1, 2, 2, 3, 3, 4, 1, 1, 3, 3, 2, 5, 3, 1],
};

const differences = {
  auc: (rows: readonly number[]) =>
    auc(at(small.a, rows), at(small.labels, rows)) - auc(at(small.b, rows), at(small.labels, rows)),
  gauc: (rows: readonly number[], copyOf: readonly number[]) =>
    gauc(at(small.a, rows), at(small.labels, rows), copyOf).value -
    gauc(at(small.b, rows), at(small.labels, rows), copyOf).value,
  'gauc within visits': (rows: readonly number[], copyOf: readonly number[]) => {
    const visits = rows.map((row, i) => 100 * copyOf[i]! + small.visits[row]!);
    const [ofA, ofB] = [small.a, small.b].map((scores) => gauc(at(scores, rows), at(small.labels, rows), visits));
    return ofA!.value - ofB!.value;
  },
};

const { visits: _, ...rowsOfSmall } = small;

describe('pairedBootstrap', () => {
  it('reports the difference of the metrics, and the metric of a single model', () => {
    const options = { groups, labels, seed: 1, resamples: 10 };
    const ofAuc = pairedBootstrap({ ...options, a, b, metric: 'auc' });
    expect(ofAuc.difference).toBeCloseTo(auc(a, labels) - auc(b, labels), 12);
    expect(ofAuc).toMatchObject({ level: 0.95, resamples: 10, groups: 60 });
    expect(bootstrapInterval({ ...options, scores: a, metric: 'auc' }).value).toBeCloseTo(auc(a, labels), 12);
    for (const variant of Object.keys(GAUC_VARIANTS) as GaucVariant[]) {
      const one = bootstrapInterval({ ...options, scores: a, metric: 'gauc', variant });
      expect(one.value).toBeCloseTo(gauc(a, labels, groups, { variant }).value, 12);
    }
  });

  it('draws 1000 resamples, and weights users by their samples, by default', () => {
    const options = { ...rowsOfSmall, metric: 'gauc', seed: 1 } as const;
    const byDefault = pairedBootstrap(options);
    expect(byDefault).toEqual(pairedBootstrap({ ...options, resamples: 1000, level: 0.95, variant: 'bySamples' }));
    expect(byDefault.resamples).toBe(1000);
  });

  it.each(['auc', 'gauc'] as const)('%s: compares the mean metrics of several runs', (metric) => {
    const options = { groups, labels, metric, seed: 1, resamples: 50 };
    const one = pairedBootstrap({ ...options, a, b });
    expect(pairedBootstrap({ ...options, a: [a, a], b: [b] })).toEqual(one);
    const other = a.map((score, row) => score + Math.sin(row));
    const alone = pairedBootstrap({ ...options, a: other, b });
    const both = pairedBootstrap({ ...options, a: [a, other], b });
    expect(both.difference).toBeCloseTo((one.difference + alone.difference) / 2, 12);
    expect(() => pairedBootstrap({ ...options, a: [a, a.slice(1)], b })).toThrow('pairedBootstrap');
  });

  it.each([
    ['auc', 'auc', {}],
    ['gauc', 'gauc', {}],
    ['gauc within visits', 'gauc', { gaucGroups: small.visits }],
  ] as const)('%s: draws all resamples of whole groups equally often', (name, metric, options) => {
    const ids = [1, 2, 3, 4];
    const all: number[] = [];
    for (const w of ids)
      for (const x of ids)
        for (const y of ids)
          for (const z of ids) {
            const drawn = [w, x, y, z].map((id) => small.groups.flatMap((group, row) => (group === id ? [row] : [])));
            const copyOf = drawn.flatMap((rows, copy) => rows.map(() => copy));
            all.push(differences[name](drawn.flat(), copyOf));
          }
    all.sort((x, y) => x - y);
    // With 40,000 draws a share is off by at most .01 (four standard errors). The exact quantiles at ± .01 are thus
    // bounds.
    const exact = (share: number) => all[Math.min(255, Math.max(0, Math.floor(share * 256)))]!;
    for (const level of [0.5, 0.8, 0.95]) {
      const { low, high } = pairedBootstrap({ ...rowsOfSmall, ...options, metric, seed: 3, resamples: 40_000, level });
      const tail = (1 - level) / 2;
      expect(low).toBeGreaterThanOrEqual(exact(tail - 0.01) - 1e-12);
      expect(low).toBeLessThanOrEqual(exact(tail + 0.01) + 1e-12);
      expect(high).toBeGreaterThanOrEqual(exact(1 - tail - 0.01) - 1e-12);
      expect(high).toBeLessThanOrEqual(exact(1 - tail + 0.01) + 1e-12);
    }
  });

  it.each(['auc', 'gauc'] as const)("%s: agrees with scipy's bootstrap", (metric) => {
    const { low, high } = pairedBootstrap({ groups, labels, a, b, metric, seed: 11, resamples: 20_000 });
    // Both draw 20,000 times. The standard error of their difference is then about 1/150 of the width.
    const tolerance = (golden.bootstrap[metric].high - golden.bootstrap[metric].low) / 25;
    expect(Math.abs(low - golden.bootstrap[metric].low)).toBeLessThan(tolerance);
    expect(Math.abs(high - golden.bootstrap[metric].high)).toBeLessThan(tolerance);
  });

  it('compares rows within gaucGroups, and resamples groups', () => {
    const options = { ...rowsOfSmall, metric: 'gauc', seed: 1, variant: 'mean' } as const;
    const result = pairedBootstrap({ ...options, gaucGroups: small.visits });
    const of = (scores: readonly number[]) => gauc(scores, small.labels, small.visits, { variant: 'mean' }).value;
    expect(result.difference).toBeCloseTo(of(small.a) - of(small.b), 12);
    expect(result.groups).toBe(4);
    const renamed = small.groups.map((group) => 10 - group);
    expect(pairedBootstrap({ ...options, gaucGroups: renamed })).toEqual(pairedBootstrap(options));
    const one = bootstrapInterval({ ...options, scores: small.a, gaucGroups: small.visits });
    expect(one.value).toBeCloseTo(of(small.a), 12);
  });

  it('refuses a visit of two users, and ids that are no integers or too few', () => {
    const run = (gaucGroups: readonly number[]) =>
      pairedBootstrap({ ...rowsOfSmall, metric: 'gauc', seed: 1, gaucGroups });
    expect(() => run(small.visits.with(5, 7))).toThrow(
      'pairedBootstrap: expected one of groups for all rows of 7 in gaucGroups, got 1 and 2 at index 5',
    );
    expect(() => run(small.visits.with(0, 0.5))).toThrow('expected integer ids in gaucGroups, got 0.5 at index 0');
    expect(() => run(small.visits.slice(1))).toThrow('expected 14 values in gaucGroups, one per row, got 13');
  });

  it('gives the same numbers for the same seed, and others for another seed', () => {
    const run = (seed: number) => pairedBootstrap({ groups, labels, a, b, metric: 'gauc', seed, resamples: 200 });
    expect(run(5)).toEqual(run(5));
    expect(run(5).low).not.toBe(run(6).low);
  });

  it('is antisymmetric in the two models', () => {
    const options = { groups, labels, metric: 'auc', seed: 5, resamples: 200 } as const;
    const forth = pairedBootstrap({ ...options, a, b });
    const back = pairedBootstrap({ ...options, a: b, b: a });
    expect([back.difference, back.low, back.high]).toBeAllClose([-forth.difference, -forth.high, -forth.low], {
      atol: 1e-12,
    });
    expect(back.pValue).toBe(forth.pValue);
  });

  it('finds no difference between a model and itself on another scale', () => {
    const scaled = a.map((x) => 2 * x + 1);
    const result = pairedBootstrap({ groups, labels, a, b: scaled, metric: 'gauc', seed: 5, resamples: 200 });
    expect(result).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 });
  });

  it('is certain if one model is right for every user and the other is wrong', () => {
    const right = labels.map((y) => y);
    const wrong = labels.map((y) => -y);
    const result = pairedBootstrap({ groups, labels, a: right, b: wrong, metric: 'gauc', seed: 5, resamples: 199 });
    expect(result).toMatchObject({ difference: 1, low: 1, high: 1, pValue: 0.01 });
  });

  it('is tighter than the interval of one model if both err on the same users', () => {
    const near = a.map((x, i) => x + (i % 7 === 0 ? 0.1 : 0));
    const paired = pairedBootstrap({ groups, labels, a, b: near, metric: 'auc', seed: 5 });
    const alone = bootstrapInterval({ groups, labels, scores: a, metric: 'auc', seed: 5 });
    expect(paired.high - paired.low).toBeLessThan((alone.high - alone.low) / 3);
  });

  it('draws again if a resample has only one class', () => {
    const two = { groups: [1, 2], labels: [1, 0], scores: [2, 1] };
    expect(bootstrapInterval({ ...two, metric: 'auc', seed: 1, resamples: 50 })).toMatchObject({
      value: 1,
      low: 1,
      high: 1,
    });
  });
});

function at(values: readonly number[], rows: readonly number[]): number[] {
  return rows.map((row) => values[row]!);
}
