import { logLoss, logLossFromLogits } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

describe('logLoss', () => {
  it('agrees with scikit-learn', () => {
    expect(logLoss(golden.probabilities, golden.labels)).toBeCloseTo(golden.logLoss, 12);
  });

  it('is ln 2 for a fair coin', () => {
    expect(logLoss([0.5, 0.5], [0, 1])).toBeCloseTo(Math.LN2, 15);
  });

  it('clips certain and wrong probabilities as scikit-learn does', () => {
    expect(logLoss([0, 1], [1, 0])).toBeCloseTo(golden.logLossOfCertainAndWrong, 12);
  });

  it('is exact for small probabilities of negatives', () => {
    expect(logLoss([1e-12], [0])).toBeCloseTo(1e-12, 20);
  });

  it('is lowest at the base rate among constant predictions', () => {
    const of = (p: number) => logLoss([p, p, p, p], [1, 0, 0, 0]);
    expect(of(0.25)).toBeLessThan(of(0.24));
    expect(of(0.25)).toBeLessThan(of(0.26));
  });
});

describe('logLossFromLogits', () => {
  it('is logLoss of the sigmoid', () => {
    const probabilities = golden.a.map((x) => 1 / (1 + Math.exp(-x)));
    expect(logLossFromLogits(golden.a, golden.labels)).toBeCloseTo(logLoss(probabilities, golden.labels), 12);
  });

  it('stays exact if the sigmoid saturates', () => {
    expect(logLossFromLogits([-800], [1])).toBe(800);
    expect(logLossFromLogits([800], [0])).toBe(800);
    expect(logLossFromLogits([50], [1])).toBeCloseTo(Math.exp(-50), 30);
  });

  it('is 0 for an infinite logit of the right sign, and infinity for the wrong sign', () => {
    expect(logLossFromLogits([Infinity, -Infinity], [1, 0])).toBe(0);
    expect(logLossFromLogits([Infinity], [0])).toBe(Infinity);
  });
});
