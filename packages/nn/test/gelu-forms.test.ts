import { gelu, geluTanh, quickGelu } from '@sifaka/nn';
import { checkGradient, readGolden } from '@sifaka/test-kit';
import { grad, type Scalar, sum, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Form {
  readonly y: number[];
  readonly gradient: number[];
}

const GOLDEN = readGolden<{ readonly x: number[] } & Record<'geluTanh' | 'quickGelu', Form>>(
  import.meta.url,
  'gelu-forms',
);

describe.each([
  ['geluTanh', geluTanh, 1e-3],
  ['quickGelu', quickGelu, 0.03],
] as const)('%s', (name, form, error) => {
  it("equals PyTorch's, forward and backward", () => {
    tidy(() => {
      const x = tensor1d(GOLDEN.x);
      expect(form(x)).toBeAllClose(GOLDEN[name].y, { atol: 1e-6 });
      expect(grad((x) => sum(form(x)))(x)).toBeAllClose(GOLDEN[name].gradient, { atol: 1e-6 });
    });
  });

  it('is close to gelu, but not the same', () => {
    tidy(() => {
      const x = tensor1d(GOLDEN.x);
      expect(form(x)).toBeAllClose(gelu(x), { atol: error });
      expect(form(x)).not.toBeAllClose(gelu(x), { atol: error / 100, rtol: 0 });
    });
  });

  it('matches finite differences', () => {
    tidy(() => {
      checkGradient((x) => sum(form(x!)) as Scalar, [tensor2d([-2, -0.7, 0, 0.2, 1.1, 3], [2, 3])]);
    });
  });
});
