import { auc } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

describe('auc', () => {
  it('agrees with scikit-learn, ties included', () => {
    expect(auc(golden.a, golden.labels)).toBeCloseTo(golden.auc.a, 12);
    expect(auc(golden.b, golden.labels)).toBeCloseTo(golden.auc.b, 12);
  });

  it('is 1 for a perfect ranking, 0 for its reverse, and ½ for constant scores', () => {
    expect(auc([3, 1, 2, 4], [1, 0, 0, 1])).toBe(1);
    expect(auc([-3, -1, -2, -4], [1, 0, 0, 1])).toBe(0);
    expect(auc([7, 7, 7, 7], [1, 0, 0, 1])).toBe(0.5);
  });

  it('counts a tie as half a pair', () => {
    expect(auc([1, 1, 2], [0, 1, 0])).toBe(0.25);
  });

  it('depends only on the order of the scores', () => {
    const scaled = golden.a.map((x) => Math.exp(3 * x));
    expect(auc(scaled, golden.labels)).toBe(auc(golden.a, golden.labels));
  });

  it('becomes its complement when scores or labels are reversed', () => {
    const value = auc(golden.a, golden.labels);
    const negated = golden.a.map((x) => -x);
    const flipped = golden.labels.map((y) => 1 - y);
    expect(auc(negated, golden.labels)).toBeCloseTo(1 - value, 12);
    expect(auc(golden.a, flipped)).toBeCloseTo(1 - value, 12);
  });

  it('is NaN if a class is missing', () => {
    expect(auc([1, 2], [1, 1])).toBeNaN();
    expect(auc([1, 2], [0, 0])).toBeNaN();
  });

  it('ranks infinite scores and treats 0 and −0 as equal', () => {
    expect(auc([Infinity, -Infinity, Infinity], [1, 0, 1])).toBe(1);
    expect(auc([0, -0], [1, 0])).toBe(0.5);
  });

  it('accepts typed arrays', () => {
    expect(auc(Float32Array.of(0.1, 0.9), Int32Array.of(0, 1))).toBe(1);
  });

  it('counts exactly where float32 cannot', () => {
    // 6000² = 36 million pairs, all but one won. A float32 count stops at 16.8 million.
    const n = 6000;
    const scores = Float64Array.from({ length: 2 * n }, (_, i) => i);
    const labels = Uint8Array.from({ length: 2 * n }, (_, i) => (i < n ? 0 : 1));
    labels[n - 1] = 1;
    labels[n] = 0;
    expect(auc(scores, labels)).toBe((n * n - 1) / (n * n));
  });
});
