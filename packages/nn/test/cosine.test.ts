import { cosineSimilarity, l2Normalize } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import { grad, mul, ones, type Scalar, square, sum, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('l2Normalize', () => {
  it('gives every row length 1 and keeps its direction', () => {
    tidy(() => {
      expect(
        l2Normalize(
          tensor2d([
            [3, 4],
            [-0.6, 0.8],
          ]),
        ),
      ).toBeAllClose([
        [0.6, 0.8],
        [-0.6, 0.8],
      ]);
      const x = normal([4, 3, 16], 1, { deviation: 5 });
      expect(sum(square(l2Normalize(x)), -1)).toBeAllClose(ones([4, 3]));
    });
  });

  it('keeps a zero vector zero, with a finite gradient', () => {
    tidy(() => {
      const x = tensor2d([
        [0, 0, 0],
        [0, 2, 0],
      ]);
      expect(l2Normalize(x)).toBeAllClose([
        [0, 0, 0],
        [0, 1, 0],
      ]);
      const slope = grad((x) => sum(l2Normalize(x)))(x).dataSync();
      expect([...slope].every(Number.isFinite)).toBe(true);
    });
  });

  it('matches finite differences', () => {
    tidy(() => {
      const upstream = tensor2d([
        [1, -2, 0.5],
        [0.3, 1, 2],
      ]);
      checkGradient(
        (x) => sum(mul(l2Normalize(x!), upstream)) as Scalar,
        [
          tensor2d([
            [1, 2, -1],
            [0.5, -1, 1],
          ]),
        ],
      );
    });
  });
});

describe('cosineSimilarity', () => {
  it('is 1 for parallel, −1 for opposite and 0 for orthogonal vectors, and 0 with a zero vector', () => {
    tidy(() => {
      const a = tensor2d([
        [1, 2],
        [1, 2],
        [1, 2],
        [0, 0],
      ]);
      const b = tensor2d([
        [3, 6],
        [-2, -4],
        [-2, 1],
        [1, 2],
      ]);
      expect(cosineSimilarity(a, b)).toBeAllClose([1, -1, 0, 0], { atol: 1e-6 });
    });
  });

  it('broadcasts', () => {
    tidy(() => {
      const half = Math.SQRT1_2;
      expect(
        cosineSimilarity(
          tensor2d([
            [1, 0],
            [0, 2],
            [-1, -1],
          ]),
          tensor1d([1, 1]),
        ),
      ).toBeAllClose([half, half, -1]);
    });
  });
});
