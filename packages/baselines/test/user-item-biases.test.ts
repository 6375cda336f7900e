import { userItemBiases } from '@sifaka/baselines';
import { describe, expect, test } from 'vitest';
import { allOf, type Rated, randomEvents, samplesOf, sigmoid } from './made-up-samples.js';

describe('userItemBiases', () => {
  // Train has neither user 99 nor item 11, so probes with them give the mean and each bias alone.
  const rated = randomEvents(160);
  const users = [...new Set(rated.map(([user]) => user))];
  const items = [...new Set(rated.map(([, item]) => item))];
  const probes = [[99, 11, 0], ...users.map((user) => [user, 11, 0]), ...items.map((item) => [99, item, 0])] as const;
  const samples = samplesOf([...rated, ...probes] as Rated[], 12);
  const train = allOf(samples).subarray(0, rated.length);
  const scores = userItemBiases(samples, train, allOf(samples).subarray(rated.length));
  const mean = scores[0]!;
  const userBias = new Map(users.map((user, k) => [user, scores[1 + k]! - mean]));
  const itemBias = new Map(items.map((item, k) => [item, scores[1 + users.length + k]! - mean]));

  test('maximises the likelihood of mean and biases, with a penalty of 3/2 b² on each bias', () => {
    const residuals = rated.map(([user, item, label]) => ({
      user,
      item,
      residual: label - sigmoid(mean + userBias.get(user)! + itemBias.get(item)!),
    }));
    const sum = (chosen: typeof residuals) => chosen.reduce((total, { residual }) => total + residual, 0);
    expect(sum(residuals)).toBeCloseTo(0, 2);
    for (const [user, bias] of userBias) {
      expect(sum(residuals.filter((row) => row.user === user)) - 3 * bias).toBeCloseTo(0, 3);
    }
    for (const [item, bias] of itemBias) {
      expect(sum(residuals.filter((row) => row.item === item)) - 3 * bias).toBeCloseTo(0, 3);
    }
    expect(Math.max(...userBias.values()) - Math.min(...userBias.values())).toBeGreaterThan(0.5);
  });

  test('scores a pair by the sum of mean and biases', () => {
    const pair = userItemBiases(samples, train, Int32Array.of(0))[0]!;
    const [user, item] = rated[0]!;
    expect(pair).toBeCloseTo(mean + userBias.get(user)! + itemBias.get(item)!, 5);
  });

  test('learns from train events only', () => {
    const changed = { ...samples, labels: samples.labels.map((label, i) => (i < rated.length ? label : 1)) };
    expect(userItemBiases(changed, train, train)).toEqual(userItemBiases(samples, train, train));
  });

  test('is finite if everything is liked', () => {
    const liked = { ...samples, labels: samples.labels.map(() => 1) };
    const certain = userItemBiases(liked, train, train);
    expect(certain.every((score) => Number.isFinite(score) && score > 3)).toBe(true);
  });
});
