import {
  add,
  engine,
  grads,
  mean,
  mul,
  ones,
  randomNormal,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectLikeReference } from './compare-engines.js';

const EPSILON = 1e-3;
const attrs = { epsilon: EPSILON };
const layerNorm = (x: Tensor, scale: Tensor, shift: Tensor): Tensor[] => [
  engine().runKernel('LayerNorm', { x, scale, shift }, attrs) as Tensor,
];
const layerNormGradient = (x: Tensor, scale: Tensor, _shift: Tensor, dy: Tensor): Tensor[] =>
  engine().runKernel('LayerNormGradient', { x, scale, dy }, attrs) as Tensor[];

function composed(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const centred = sub(x, mean(x, -1, true));
  return add(mul(mul(centred, rsqrt(add(mean(square(centred), -1, true), EPSILON))), scale), shift);
}

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe('LayerNorm on wasm', () => {
  // Odd widths, single rows and columns, more rows than a block of sums.
  it.each([[[1, 1]], [[3, 5]], [[2, 3, 16]], [[7, 19]], [[1, 64]], [[200, 33]], [[0, 4]], [[4, 8, 1]]])(
    'of shape %j equals its composition on the reference engine, forward and backward',
    async (shape) => {
      const width = shape.at(-1)!;
      const inputs = () => [random(shape, 1), random([width], 2), random([width], 3)];
      await expectLikeReference(layerNorm, (x, scale, shift) => [composed(x, scale, shift)], inputs());
      await expectLikeReference(
        layerNormGradient,
        (x, scale, shift, dy) =>
          grads((...given) => sum(mul(composed(...(given as [Tensor, Tensor, Tensor])), dy)))([x, scale, shift]),
        [...inputs(), random(shape, 4)],
        { atol: 1e-4, rtol: 1e-3 },
      );
    },
  );

  it('of a constant row is the shift, far from zero too', () => {
    tidy(() => {
      const x = tensor2d([[4096, 4096, 4096, 4096, 4096]]);
      expect(layerNorm(x, ones([5]), mul(ones([5]), 2))[0]!).toBeAllClose([[2, 2, 2, 2, 2]]);
    });
  });

  it('names a vector and a gradient of the wrong shape', () => {
    tidy(() => {
      expect(() => layerNorm(ones([2, 3]), ones([2]), ones([3]))).toThrow(
        'LayerNorm on wasm: expected scale of shape [3], got [2]',
      );
      expect(() => layerNormGradient(ones([2, 3]), ones([3]), ones([3]), ones([3, 2]))).toThrow(
        'LayerNormGradient on wasm: expected dy of shape [2,3], got [3,2]',
      );
    });
  });
});
