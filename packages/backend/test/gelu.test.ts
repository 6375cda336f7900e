import { useEngine } from '@sifaka/backend';
import {
  add,
  engine,
  erf,
  exp,
  mul,
  ones,
  randomNormal,
  square,
  type Tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await useEngine('wasm');
});

const gelu = (x: Tensor) => engine().runKernel('Gelu', { x }) as Tensor;
const geluGradient = (x: Tensor, dy: Tensor) => engine().runKernel('GeluGradient', { x, dy }) as Tensor;

const distribution = (x: Tensor) => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
const density = (x: Tensor) => mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

describe('Gelu on wasm', () => {
  it.each([[[0]], [[1]], [[5]], [[3, 7]], [[2, 3, 16]]])(
    'of shape %j is x Φ(x), with gradient dy (Φ(x) + x φ(x))',
    (shape) => {
      tidy(() => {
        const x = mul(randomNormal(shape as [number], 0, 1, 'float32', 1), 3);
        const dy = randomNormal(shape as [number], 0, 1, 'float32', 2);
        expect(gelu(x)).toBeAllClose(mul(x, distribution(x)), { atol: 1e-6, rtol: 1e-5 });
        const slope = add(distribution(x), mul(x, density(x)));
        expect(geluGradient(x, dy)).toBeAllClose(mul(dy, slope), { atol: 1e-6, rtol: 1e-5 });
      });
    },
  );

  it('is the identity far to the right and zero far to the left', () => {
    tidy(() => {
      const x = tensor1d([-100, -30, 0, 30, 100]);
      expect(gelu(x)).toBeAllClose([0, 0, 0, 30, 100]);
      expect(geluGradient(x, ones([5]))).toBeAllClose([0, 0, 0.5, 1, 1]);
    });
  });

  it('refuses a gradient of another shape', () => {
    tidy(() => {
      expect(() => geluGradient(ones([2, 3]), ones([3, 2]))).toThrow(
        'GeluGradient on wasm: expected dy of shape [2,3], got [3,2]',
      );
    });
  });
});
