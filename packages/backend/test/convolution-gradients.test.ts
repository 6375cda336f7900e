import {
  type Conv2DBackpropFilterAttrs,
  conv2d,
  depthwiseConv2d,
  grads,
  maxPool,
  mean,
  randomNormal,
  relu,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tidy,
  train,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectLikeReference } from './compare-engines.js';

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

// input [B, H, W, C], filter [h, w, C, outputs or multiplier], strides, padding
const CASES: readonly [number[], number[], [number, number], Conv2DBackpropFilterAttrs['pad']][] = [
  [[2, 5, 5, 3], [3, 3, 3, 4], [1, 1], 'same'],
  [[1, 6, 7, 2], [3, 2, 2, 5], [2, 1], 'valid'],
  [[2, 7, 4, 1], [1, 1, 1, 1], [1, 1], 'valid'],
  [[1, 8, 8, 5], [5, 3, 5, 2], [3, 2], 'same'],
  [[1, 4, 9, 8], [3, 3, 8, 1], [2, 2], 2],
  [[1, 2, 2, 3], [3, 3, 3, 2], [1, 1], 'same'],
  [[0, 4, 4, 2], [2, 2, 2, 3], [1, 1], 'same'],
];

describe('gradients of convolutions on wasm', () => {
  for (const [name, convolve] of [
    ['conv2d', conv2d],
    ['depthwiseConv2d', depthwiseConv2d],
  ] as const) {
    it.each(CASES)(`${name}: input %j, filter %j, strides %j, padding %s`, async (input, filter, strides, pad) => {
      const both = (x: Tensor, w: Tensor): Tensor[] =>
        grads((...given) => sum(square(convolve(given[0] as Tensor4D, given[1] as Tensor4D, strides, pad as 'same'))))([
          x,
          w,
        ]);
      await expectLikeReference(both, both, [random(input, 1), random(filter, 2)], { atol: 1e-3, rtol: 1e-3 });
    });
  }

  it('a small network learns', () => {
    const make = (shape: number[], seed: number) =>
      tidy(() => variable(randomNormal(shape, 0, 0.4, 'float32', seed))) as Variable;
    const weights = [make([3, 3, 1, 4], 1), make([3, 3, 4, 1], 2), make([1, 1, 4, 1], 3)];
    const images = random([8, 6, 6, 1], 4) as Tensor4D;
    const target = tidy(() => maxPool(images, 2, 2, 'valid'));
    const loss = (): Scalar => {
      const [wide, deep, narrow] = weights as unknown as Tensor4D[];
      const hidden = relu(depthwiseConv2d(relu(conv2d(images, wide!, 1, 'same')), deep!, 1, 'same'));
      return mean(square(sub(conv2d(maxPool(hidden, 2, 2, 'valid'), narrow!, 1, 'valid'), target)));
    };
    const optimizer = train.adam(0.03);
    const now = () => tidy(() => loss().dataSync()[0]!);
    const before = now();
    for (let step = 0; step < 60; step++) optimizer.minimize(loss, false, weights);
    expect(now()).toBeLessThan(before / 4);
    optimizer.dispose();
    for (const tensor of [images, target, ...weights]) tensor.dispose();
  });
});
