import { useEngine } from '@sifaka/backend';
import { add, engine, erf, exp, mul, randomNormal, square, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await useEngine('wasm');
});

const gelu = (x: Tensor) => engine().runKernel('Gelu', { x }) as Tensor;
const geluAndSlope = (x: Tensor) => engine().runKernel('Gelu', { x }, { slope: 1 }) as [Tensor, Tensor];

const distribution = (x: Tensor) => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
const density = (x: Tensor) => mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

describe('Gelu on wasm', () => {
  it.each([[[0]], [[1]], [[5]], [[3, 7]], [[2, 3, 16]]])(
    'of shape %j is x Φ(x), with the slope Φ(x) + x φ(x) on request',
    (shape) => {
      tidy(() => {
        const x = mul(randomNormal(shape as [number], 0, 1, 'float32', 1), 3);
        expect(gelu(x)).toBeAllClose(mul(x, distribution(x)), { atol: 1e-6, rtol: 1e-5 });
        const [value, slope] = geluAndSlope(x);
        expect(value).toBeAllClose(gelu(x), { atol: 0, rtol: 0 });
        expect(slope).toBeAllClose(add(distribution(x), mul(x, density(x))), { atol: 1e-6, rtol: 1e-5 });
      });
    },
  );

  it('is the identity far to the right and zero far to the left', () => {
    tidy(() => {
      const x = tensor1d([-100, -30, 0, 30, 100]);
      expect(gelu(x)).toBeAllClose([0, 0, 0, 30, 100]);
      expect(geluAndSlope(x)[1]).toBeAllClose([0, 0, 0.5, 1, 1]);
    });
  });
});
