import { popularity } from '@sifaka/baselines';
import { describe, expect, test } from 'vitest';
import { allOf, logit, randomEvents, samplesOf, sigmoid } from './made-up-samples.js';

/** Item 11 is only in the test part. */
function world() {
  const late = [0, 1, 2, 3, 4, 5].map((user) => [user, 11, 1] as const);
  const samples = samplesOf([...randomEvents(200), ...late], 12);
  const all = allOf(samples);
  return { samples, train: all.subarray(0, 160), test: all.subarray(160) };
}

describe('popularity', () => {
  test('gives the log-odds of the items with the same count, if there are two counts', () => {
    // Item 0 has four events, three of them liked; items 1 and 2 have two each, one of these four liked.
    const samples = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 0, 1],
        [3, 0, 0],
        [0, 1, 1],
        [1, 1, 0],
        [2, 2, 0],
        [3, 2, 0],
      ],
      4,
    );
    const scores = popularity(samples, allOf(samples), Int32Array.of(0, 4, 6));
    expect(scores).toBeAllClose([logit(3 / 4), logit(1 / 4), logit(1 / 4)], { atol: 1e-4 });
  });

  test('maximises the likelihood: its gradient is zero', () => {
    const { samples, train } = world();
    const scores = popularity(samples, train, train);
    const counts = new Map<number, number>();
    for (const sample of train) counts.set(samples.items[sample]!, (counts.get(samples.items[sample]!) ?? 0) + 1);
    let intercept = 0;
    let slope = 0;
    train.forEach((sample, index) => {
      const residual = samples.labels[sample]! - sigmoid(scores[index]!);
      intercept += residual;
      slope += residual * Math.log1p(counts.get(samples.items[sample]!)!);
    });
    expect([intercept, slope]).toBeAllClose([0, 0], { atol: 1e-3 });
  });

  test('learns from train events only', () => {
    const { samples, train, test: rest } = world();
    const fewer = { ...samples, labels: samples.labels.slice() };
    for (const sample of rest) fewer.labels[sample] = 1 - fewer.labels[sample]!;
    expect(popularity(fewer, train, rest)).toEqual(popularity(samples, train, rest));
    const cold = rest.filter((sample) => samples.items[sample] === 11);
    expect(cold.length).toBe(6);
    expect(new Set(popularity(samples, train, cold)).size).toBe(1);
  });

  test('is the share of likes if all counts are equal, and high but finite if everything is liked', () => {
    for (const times of [2, 7, 40]) {
      const events = Array.from({ length: 6 * times }, (_, i) => [i, i % 6, i % 4 === 0 ? 0 : 1] as const);
      const even = samplesOf(events, 6);
      const share = events.filter(([, , label]) => label === 1).length / events.length;
      const scores = popularity(even, allOf(even), allOf(even));
      expect(scores).toBeAllClose(new Array(events.length).fill(logit(share)), { atol: 1e-3 });
    }
    const liked = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 1, 1],
      ],
      2,
    );
    const scores = popularity(liked, allOf(liked), allOf(liked));
    for (const score of scores) expect(score).toBeGreaterThan(3);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  test('stays finite if the count separates likes from dislikes, and ranks them', () => {
    const apart = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 0, 1],
        [3, 1, 0],
        [0, 2, 0],
      ],
      3,
    );
    const scores = popularity(apart, allOf(apart), allOf(apart));
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(Math.min(...scores.slice(0, 3))).toBeGreaterThan(Math.max(...scores.slice(3)));
  });
});
