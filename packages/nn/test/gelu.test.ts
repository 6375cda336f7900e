import { gelu } from '@sifaka/nn';
import { checkGradient, readGolden } from '@sifaka/test-kit';
import { grad, neg, type Scalar, sub, sum, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('gelu', () => {
  it("equals PyTorch's exact form, forward and backward", () => {
    const golden = readGolden<Record<'x' | 'y' | 'gradient', number[]>>(import.meta.url, 'gelu');
    tidy(() => {
      const x = tensor1d(golden.x);
      expect(gelu(x)).toBeAllClose(golden.y, { atol: 1e-6 });
      expect(grad((x) => sum(gelu(x)))(x)).toBeAllClose(golden.gradient, { atol: 1e-6 });
    });
  });

  it('is x plus its value at −x', () => {
    tidy(() => {
      const x = tensor1d([0, 0.3, 1, 2.7, 9]);
      expect(sub(gelu(x), gelu(neg(x)))).toBeAllClose(x);
    });
  });

  it('matches finite differences', () => {
    tidy(() => {
      checkGradient((x) => sum(gelu(x!)) as Scalar, [tensor2d([-2, -0.7, 0, 0.2, 1.1, 3], [2, 3])]);
    });
  });
});
