import { auc, GAUC_VARIANTS, type GaucVariant, gauc } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

const variants = Object.keys(GAUC_VARIANTS) as GaucVariant[];

describe('gauc', () => {
  it.each(variants)('%s agrees with its definition over scikit-learn AUCs', (variant) => {
    const result = gauc(golden.a, golden.labels, golden.groups, { variant });
    const { value, ...counts } = golden.gauc[variant];
    expect(result).toMatchObject({ variant, ...counts });
    expect(result.value).toBeCloseTo(value, 12);
  });

  it('is weighted by samples by default', () => {
    expect(gauc(golden.a, golden.labels, golden.groups)).toEqual(
      gauc(golden.a, golden.labels, golden.groups, { variant: 'bySamples' }),
    );
  });

  it.each(variants)('%s of one group without ties is the AUC', (variant) => {
    const scores = [0.3, 0.1, 0.8, 0.2, 0.7];
    const labels = [1, 0, 1, 1, 0];
    const { value, usableGroups, usableSamples } = gauc(scores, labels, [9, 9, 9, 9, 9], { variant });
    expect(value).toBe(auc(scores, labels));
    expect({ usableGroups, usableSamples }).toEqual({ usableGroups: 1, usableSamples: 5 });
  });

  it('matches a count by hand for each of the six variants', () => {
    // Group 1: AUC 1 over 2 rows. Group 2: AUC ¼ over 5 rows (1 positive wins one of four pairs). Group 3: one class.
    // Group 4: 2 tied rows, positive first.
    const groups = [1, 1, 2, 2, 2, 2, 2, 3, 4, 4];
    const scores = [2, 1, 2, 1, 3, 4, 5, 0, 6, 6];
    const labels = [1, 0, 1, 0, 0, 0, 0, 1, 1, 0];
    const value = (variant: GaucVariant) => gauc(scores, labels, groups, { variant }).value;
    expect(value('bySamples')).toBeCloseTo((2 * 1 + 5 * 0.25 + 2 * 0.5) / 9, 14);
    expect(value('mean')).toBeCloseTo((1 + 0.25 + 0.5) / 3, 14);
    expect(value('byPositives')).toBeCloseTo((1 + 0.25 + 0.5) / 3, 14);
    expect(value('meanDroppingTied')).toBeCloseTo((1 + 0.25) / 2, 14);
    expect(value('meanLosingTies')).toBeCloseTo((1 + 0.25 + 0) / 3, 14);
    expect(value('singleClassAsZero')).toBeCloseTo((2 * 1 + 5 * 0.25 + 2 * 0.5) / 10, 14);
  });

  it('breaks ties by row order only in meanDroppingTied', () => {
    const first = gauc([1, 1, 0], [1, 0, 0], [5, 5, 5], { variant: 'meanDroppingTied' });
    const second = gauc([1, 1, 0], [0, 1, 0], [5, 5, 5], { variant: 'meanDroppingTied' });
    expect([first.value, second.value]).toEqual([1, 0.5]);
    expect(gauc([1, 1, 0], [1, 0, 0], [5, 5, 5], { variant: 'mean' }).value).toBe(0.75);
  });

  it('does not depend on the order of rows, on the ids, or on a shift within each group', () => {
    const { value } = gauc(golden.a, golden.labels, golden.groups);
    const reversed = gauc(golden.a.toReversed(), golden.labels.toReversed(), golden.groups.toReversed());
    const renamed = gauc(
      golden.a,
      golden.labels,
      golden.groups.map((g) => -3 * g),
    );
    // Integers, so that adding the shift is exact.
    const shifted = gauc(
      golden.a.map((x, i) => Math.round(10 * x) + 64 * golden.groups[i]!),
      golden.labels,
      golden.groups,
    );
    for (const same of [reversed, renamed, shifted]) expect(same.value).toBeCloseTo(value, 12);
  });

  it('is NaN without a usable group', () => {
    expect(gauc([1, 2], [1, 1], [0, 0])).toEqual({
      value: Number.NaN,
      variant: 'bySamples',
      groups: 1,
      usableGroups: 0,
      usableSamples: 0,
    });
  });
});
