import { checkGradient } from '@sifaka/test-kit';
import { fused, randomNormal, type Scalar, square, sum, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectSameOnCpu } from './compare-engines.js';

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe('_FusedMatMul on wasm', () => {
  for (const [transposeA, transposeB] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    const operands = () =>
      [random(transposeA ? [12, 9] : [9, 12], 1), random(transposeB ? [5, 12] : [12, 5], 2)] as const;

    it.each(['linear', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu'] as const)(
      `equals the reference engine, transposes ${transposeA} ${transposeB}, bias, %s`,
      async (activation) => {
        const layer = (a: Tensor, b: Tensor, bias: Tensor) =>
          fused.matMul({ a, b, transposeA, transposeB, bias, activation, leakyreluAlpha: 0.2 });
        await expectSameOnCpu(layer, [...operands(), random([5], 3)]);
      },
    );

    it(`works without a bias and with prelu, transposes ${transposeA} ${transposeB}`, async () => {
      await expectSameOnCpu((a, b) => fused.matMul({ a, b, transposeA, transposeB }), operands());
      const prelu = (a: Tensor, b: Tensor, bias: Tensor, preluActivationWeights: Tensor) =>
        fused.matMul({ a, b, transposeA, transposeB, bias, activation: 'prelu', preluActivationWeights });
      await expectSameOnCpu(prelu, [...operands(), random([5], 3), random([1, 5], 4)]);
    });
  }

  it('has the gradient of finite differences', () => {
    const inputs = [random([3, 4], 1), random([5, 4], 2), random([5], 3)];
    const layer = (a: Tensor, b: Tensor, bias: Tensor) => fused.matMul({ a, b, transposeB: true, bias });
    checkGradient((a, b, bias) => sum(square(layer(a!, b!, bias!))) as Scalar, inputs, { atol: 5e-2 });
    for (const tensor of inputs) tensor.dispose();
  });

  it('refuses a bias that does not fit', () => {
    tidy(() => {
      const [a, b] = [zeros([2, 3]), zeros([3, 4])];
      expect(() => fused.matMul({ a, b, bias: zeros([1]) })).toThrow('expected a bias of shape [4], got [1]');
    });
  });
});
