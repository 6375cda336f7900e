import { auc, gauc, MetricInputError, qauc } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

describe('qauc', () => {
  it('is the unweighted mean over queries with both classes; the others are only counted', () => {
    // Query 1: AUC 1 over 2 rows. Query 2: AUC ¼ over 5 rows. Query 3: one class. Query 4: tied. Two rows have no
    // query.
    const ids = [1, 1, 2, 2, 2, 2, 2, 3, 4, 4, -1, -1];
    const scores = [2, 1, 2, 1, 3, 4, 5, 0, 6, 6, 0, 9];
    const labels = [1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0];
    expect(qauc(scores, labels, ids)).toEqual({
      value: (1 + 0.25 + 0.5) / 3,
      queries: 4,
      usableQueries: 3,
      singleClassQueries: 1,
      usableSamples: 9,
      samplesWithoutQuery: 2,
    });
  });

  it('is the mean GAUC if every row has a query, and the AUC if there is one query', () => {
    const { value, usableGroups } = gauc(golden.a, golden.labels, golden.groups, { variant: 'mean' });
    expect(qauc(golden.a, golden.labels, golden.groups)).toMatchObject({ value, usableQueries: usableGroups });
    const one = golden.labels.map(() => 7);
    expect(qauc(golden.a, golden.labels, one).value).toBeCloseTo(auc(golden.a, golden.labels), 12);
  });

  it('ignores rows without a query and the order of queries', () => {
    const all = qauc([3, 1, 2, 5, 4], [1, 0, 1, 0, 1], [8, 8, 8, -1, -1]);
    expect(all.value).toBe(qauc([3, 1, 2], [1, 0, 1], [0, 0, 0]).value);
    const reversed = qauc(golden.a.toReversed(), golden.labels.toReversed(), golden.groups.toReversed());
    expect(reversed.value).toBeCloseTo(qauc(golden.a, golden.labels, golden.groups).value, 12);
  });

  it('is NaN without a usable query', () => {
    expect(qauc([1, 2], [1, 0], [-1, -1])).toMatchObject({ value: Number.NaN, queries: 0, samplesWithoutQuery: 2 });
    expect(qauc([1, 2], [1, 1], [0, 0])).toMatchObject({ value: Number.NaN, queries: 1, singleClassQueries: 1 });
  });

  it.each([
    ['qauc: expected at least one row in scores, got none', [], [], []],
    ['qauc: expected 0 or 1 in labels, got 2 at index 1', [1, 2], [0, 2], [0, 0]],
    ['qauc: expected 2 values in queryIds, one per row, got 1', [1, 2], [0, 1], [0]],
    ['qauc: expected integers of at least −1 in queryIds, got -2 at index 1', [1, 2], [0, 1], [0, -2]],
    ['qauc: expected integers of at least −1 in queryIds, got 0.5 at index 0', [1, 2], [0, 1], [0.5, 0]],
  ])('refuses: %s', (message, scores, labels, ids) => {
    expect(() => qauc(scores, labels, ids)).toThrow(MetricInputError);
    expect(() => qauc(scores, labels, ids)).toThrow(message);
  });
});
