import { historySimilarity, similarityFeatures, similarityWidth } from '@sifaka/ranker';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  concat,
  mul,
  ones,
  type Scalar,
  sum,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

// Cosines with (1, 0): 0.6, −1, 1, and padding.
const TARGET = [[2, 0]];
const HISTORY = [
  [
    [3, 4],
    [-2, 0],
    [5, 0],
    [9, 9],
  ],
];
const MASK = [[1, 1, 1, 0]];

describe('similarityFeatures', () => {
  it('keeps everything by default: the cosines in order, then sorted', () => {
    tidy(() => {
      const inputs = [normal([3, 4], 1), normal([3, 5, 4], 2), ones([3, 5])] as const;
      const { cosines, sorted } = historySimilarity(...inputs);
      expect(similarityFeatures(...inputs)).toBeAllClose(concat([cosines, sorted], 1), { atol: 0, rtol: 0 });
    });
    expect(similarityWidth(5)).toBe(10);
  });

  it('keeps the most recent, the largest, mean and deviation', () => {
    tidy(() => {
      const inputs = [tensor2d(TARGET), tensor3d(HISTORY), tensor2d(MASK)] as const;
      const mean = 0.2;
      const deviation = Math.sqrt((0.4 ** 2 + 1.2 ** 2 + 0.8 ** 2) / 3);
      const features = similarityFeatures(...inputs, { recent: 2, top: 1, statistics: true });
      expect(features).toBeAllClose([[0.6, -1, 1, mean, deviation]], { atol: 2e-3 });
      expect(similarityFeatures(...inputs, { recent: 0, top: 2 })).toBeAllClose([[1, 0.6]]);
      expect(similarityFeatures(...inputs, { recent: 1, top: 0 })).toBeAllClose([[0.6]]);
      expect(similarityFeatures(...inputs, { recent: 0, top: 0, statistics: true }).shape).toEqual([1, 2]);
    });
  });

  it.each([
    [10, { recent: 4, top: 3, statistics: true }, 9],
    [2, { recent: 4, top: 3 }, 4], // More than there are.
    [0, { statistics: true }, 2],
    [1000, { recent: 32, top: 32, statistics: true }, 66],
  ])('has the width that similarityWidth promises (%i, %o)', (length, options, width) => {
    expect(similarityWidth(length, options)).toBe(width);
    tidy(() => {
      const inputs = [normal([2, 3], 1), normal([2, length, 3], 2), ones([2, length])] as const;
      expect(similarityFeatures(...inputs, options).shape).toEqual([2, width]);
    });
  });

  it('is all zeros, with a finite gradient, for an empty history', () => {
    tidy(() => {
      const options = { recent: 2, top: 2, statistics: true };
      const features = similarityFeatures(normal([1, 3], 1), normal([1, 4, 3], 2), zeros([1, 4]), options);
      expect(features).toBeAllClose(zeros([1, 6]));
    });
  });

  it('has the gradient of finite differences for the target, even with a history of one item', () => {
    tidy(() => {
      const mask = tensor2d([
        [1, 1, 1, 1],
        [1, 0, 0, 0],
      ]);
      const [history, weights] = [normal([2, 4, 3], 2), normal([2, 6], 3)];
      const options = { recent: 2, top: 2, statistics: true };
      const loss = (target: Tensor | undefined): Scalar =>
        sum(mul(similarityFeatures(target!, history, mask, options), weights));
      checkGradient(loss, [normal([2, 3], 1)]);
    });
  });

  it('refuses counts that are not whole numbers, and no features at all', () => {
    expect(() => similarityWidth(5, { recent: -1 })).toThrow('expected recent to be a whole number from 0, got -1');
    expect(() => similarityWidth(5, { top: 1.5 })).toThrow('expected top to be a whole number from 0, got 1.5');
    expect(() => similarityWidth(5, { recent: 0, top: 0 })).toThrow('expected some features, got none');
  });
});
