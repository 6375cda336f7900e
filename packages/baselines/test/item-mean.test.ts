import { itemMean } from '@sifaka/baselines';
import { expect, test } from 'vitest';
import { allOf, logit, samplesOf } from './made-up-samples.js';

test('itemMean is the smoothed like rate in train, without the sample itself if it is in train', () => {
  const samples = samplesOf(
    [
      [0, 0, 1],
      [1, 0, 1],
      [2, 0, 0],
      [3, 1, 0],
      [4, 0, 1],
      [5, 1, 1],
      [6, 2, 0],
    ],
    3,
  );
  const train = allOf(samples).subarray(0, 4);
  const mean = 2 / 4;
  const share = (likes: number, events: number) => logit((likes + 5 * mean) / (events + 5));
  const expected = [share(1, 2), share(1, 2), share(2, 2), share(0, 0), share(2, 3), share(0, 1), share(0, 0)];
  expect([...itemMean(samples, train, allOf(samples))]).toBeAllClose(expected, { atol: 1e-6 });
});

test('itemMean is finite if everything is liked, or nothing', () => {
  for (const label of [0, 1] as const) {
    const samples = samplesOf(
      [
        [0, 0, label],
        [1, 0, label],
        [2, 1, label],
      ],
      2,
    );
    expect(itemMean(samples, allOf(samples), allOf(samples)).every(Number.isFinite)).toBe(true);
  }
});
