import { ndcgAt, recallAt } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

const metrics = { recallAt, ndcgAt };

describe('ndcgAt', () => {
  it.each([1, 3, 5, 100])('at %i agrees with scikit-learn, ties averaged', (k) => {
    const result = ndcgAt(golden.a, golden.labels, { k, groups: golden.groups });
    expect(result.value).toBeCloseTo(golden.ndcg[String(k)]!, 12);
  });

  it('takes all rows as one list without groups', () => {
    const { value, groups } = ndcgAt(golden.a, golden.labels, { k: 20 });
    expect(value).toBeCloseTo(golden.ndcgOfOneList, 12);
    expect(groups).toBe(1);
  });

  it('is 1/log2(rank + 1) for a single relevant row', () => {
    expect(ndcgAt([4, 3, 2, 1], [0, 0, 1, 0], { k: 3 }).value).toBeCloseTo(0.5, 14);
    expect(ndcgAt([4, 3, 2, 1], [0, 0, 1, 0], { k: 2 }).value).toBe(0);
  });

  it('truncates the ideal list at min(|R|, K)', () => {
    expect(ndcgAt([4, 3, 2, 1], [1, 1, 1, 0], { k: 2 }).value).toBe(1);
  });
});

describe('recallAt', () => {
  it('divides by all relevant rows, or by the attainable number', () => {
    const scores = [5, 4, 3, 2, 1];
    const labels = [1, 0, 1, 1, 0];
    expect(recallAt(scores, labels, { k: 2 }).value).toBeCloseTo(1 / 3, 14);
    expect(recallAt(scores, labels, { k: 2, denominator: 'attainable' }).value).toBeCloseTo(1 / 2, 14);
    expect(recallAt(scores, labels, { k: 9 }).value).toBe(1);
  });

  it('refuses an unknown denominator', () => {
    const denominator = 'all' as 'relevant';
    expect(() => recallAt([1], [1], { k: 1, denominator })).toThrow('recallAt: expected denominator to be relevant');
  });

  it.each([1, 4, 10])('at %i gives constant scores the value of random ones', (k) => {
    expect(recallAt(new Float32Array(20), [1, 1, 1, ...new Array(17).fill(0)], { k }).value).toBeCloseTo(k / 20, 14);
  });
});

describe.each(Object.entries(metrics))('%s', (_, metric) => {
  it('is the mean over all orders of tied rows', () => {
    const scores = [3, 2, 2, 2, 2, 1];
    const labels = [0, 1, 0, 0, 1, 1];
    const orders = permutations([0, 1, 2, 3, 4, 5]);
    for (const k of [1, 2, 3, 4, 6]) {
      // Untied copies of the scores, one for each order of the tied rows.
      const values = orders.map((order) => {
        const untied = scores.map((score, i) => score + order[i]! / 100);
        return metric(untied, labels, { k }).value;
      });
      const mean = values.reduce((total, value) => total + value, 0) / values.length;
      expect(metric(scores, labels, { k }).value).toBeCloseTo(mean, 12);
    }
  });

  it('does not reward constant scores for the order of the rows', () => {
    const relevantFirst = metric([0, 0, 0, 0], [1, 0, 0, 0], { k: 1 }).value;
    const relevantLast = metric([0, 0, 0, 0], [0, 0, 0, 1], { k: 1 }).value;
    expect([relevantFirst, relevantLast]).toEqual([0.25, 0.25]);
  });

  it('averages over groups with a relevant row', () => {
    const result = metric([2, 1, 1, 2, 5], [1, 0, 1, 0, 0], { k: 1, groups: [1, 1, 2, 2, 3] });
    expect(result).toEqual({ value: 0.5, k: 1, groups: 3, usableGroups: 2 });
  });

  it('is NaN without a relevant row', () => {
    expect(metric([1, 2], [0, 0], { k: 1 }).value).toBeNaN();
  });

  it('never falls as K grows, with one relevant row', () => {
    const values = [2, 4, 8, 16].map((k) => metric(golden.a, oneRelevant(golden.labels), { k }).value);
    expect(values).toEqual([...values].sort((x, y) => x - y));
  });
});

function oneRelevant(labels: readonly number[]): number[] {
  return labels.map((_, i) => (i === labels.indexOf(1) ? 1 : 0));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
