import { add, engine, matMul, randomNormal, reshape, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectLikeReference } from './compare-engines.js';

const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  engine().runKernel('Linear', { x, weight, ...(bias && { bias }) }) as Tensor;
const composed = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor => {
  const product = matMul(reshape(x, [-1, weight.shape[0]!]), weight);
  return reshape(bias ? add(product, bias) : product, [...x.shape.slice(0, -1), weight.shape[1]!]);
};
const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe('Linear on wasm', () => {
  it.each([
    [[5], 3],
    [[4, 5], 7],
    [[2, 3, 8], 16],
    [[2, 1, 3, 1], 1],
    [[0, 4], 3],
    [[40, 33], 9],
  ])('of x %j and %i outputs equals product and sum on the reference engine', async (shape, outputs) => {
    const weight = () => random([shape.at(-1)!, outputs], 2);
    await expectLikeReference(
      (x, w, b) => [linear(x, w, b)],
      (x, w, b) => [composed(x, w, b)],
      [random(shape, 1), weight(), random([outputs], 3)],
    );
    await expectLikeReference(
      (x, w) => [linear(x, w)],
      (x, w) => [composed(x, w)],
      [random(shape, 1), weight()],
    );
  });

  it('names the input of the wrong shape', () => {
    tidy(() => {
      expect(() => linear(zeros([2, 3]), zeros([4, 5]))).toThrow(
        'Linear on wasm: expected x of shape [..., 4], got [2,3]',
      );
      expect(() => linear(zeros([2, 3]), zeros([3, 5]), zeros([4]))).toThrow('expected bias of shape [5], got [4]');
    });
  });
});
