import { maskedMean, ShapeError } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import { mul, ones, type Scalar, square, sum, tensor2d, tensor3d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('maskedMean', () => {
  it('is the mean of the vectors that are present, and zeros where none is', () => {
    tidy(() => {
      const row = [
        [1, 2],
        [3, 6],
        [100, 100],
      ];
      const mask = [
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ];
      const mean = maskedMean(tensor3d([row, row, row]), tensor2d(mask));
      expect(mean).toBeAllClose([
        [2, 4],
        [3, 6],
        [0, 0],
      ]);
    });
  });

  it('spreads the gradient over the vectors that are present', () => {
    tidy(() => {
      const mask = tensor2d([
        [1, 0, 1],
        [0, 0, 0],
      ]);
      const weights = normal([2, 4], 2);
      checkGradient((x) => sum(mul(square(maskedMean(x!, mask)), weights)) as Scalar, [normal([2, 3, 4], 1)]);
    });
  });

  it('names the argument of the wrong shape', () => {
    tidy(() => {
      const error = (run: () => unknown) => {
        try {
          return run();
        } catch (thrown) {
          return ShapeError.isInstance(thrown) ? thrown.message : thrown;
        }
      };
      expect(error(() => maskedMean(ones([2, 3]), ones([2, 3])))).toBe('maskedMean: x: expected [B, L, D], got [2, 3]');
      expect(error(() => maskedMean(zeros([2, 3, 4]), ones([3, 2])))).toBe(
        'maskedMean: mask: expected [2, 3], got [3, 2]',
      );
    });
  });
});
