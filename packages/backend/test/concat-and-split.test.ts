import {
  concat,
  randomNormal,
  randomUniform,
  reverse,
  split,
  stack,
  type Tensor,
  tensor2d,
  unstack,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectLikeReference, expectSameOnCpu } from './compare-engines.js';

const random = (shape: number[], seed = 1): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe('Concat on wasm', () => {
  it.each([
    [[[3], [4]], 0],
    [
      [
        [2, 3],
        [2, 1],
        [2, 4],
      ],
      1,
    ],
    [
      [
        [2, 3],
        [5, 3],
      ],
      0,
    ],
    [
      [
        [2, 3, 4],
        [2, 0, 4],
        [2, 2, 4],
      ],
      1,
    ],
    [
      [
        [2, 3, 300],
        [2, 3, 300],
      ],
      -1,
    ],
    [
      [
        [0, 3],
        [0, 3],
      ],
      1,
    ],
    [
      [
        [0, 3],
        [2, 3],
      ],
      0,
    ],
    [[[2, 1]], 1],
  ])('of shapes %j along axis %i', async (shapes: number[][], axis: number) => {
    const inputs = shapes.map((shape, i) => random(shape, i + 1));
    await expectSameOnCpu((...parts) => concat(parts, axis), inputs);
  });

  it('of flags and integers, and under stack', async () => {
    const flags = () => randomUniform([3, 5], 0, 2, 'bool', 3);
    const integers = () => randomUniform([3, 5], -9, 9, 'int32', 4);
    await expectSameOnCpu((a, b) => concat([a, b], 1), [flags(), flags()]);
    await expectSameOnCpu((a, b) => concat([a, b], 1), [integers(), integers()]);
    await expectSameOnCpu((a, b) => stack([a, b], 1), [random([3, 4], 1), random([3, 4], 2)]);
  });

  it('gives a new tensor even from a single part', () => {
    const part = tensor2d([[1, 2]]);
    const nothing = zeros([0, 2]);
    const whole = concat([part, nothing as typeof part], 0);
    part.dispose();
    nothing.dispose();
    expect(whole).toBeAllClose([[1, 2]]);
    whole.dispose();
  });
});

describe('SplitV and Unpack on wasm', () => {
  it.each([
    [[6], 3, 0],
    [[4, 6], 2, 1],
    [[4, 6], [1, 5], 1],
    [[4, 6], [3, 0, 1], 0],
    [[2, 3, 8], 4, -1],
    [[0, 6], 2, 1],
  ])('split of %j into %j along axis %i', async (shape, sizes, axis) => {
    const cut = (x: Tensor): Tensor[] => split(x, sizes as number[], axis as number);
    await expectLikeReference(cut, cut, [random(shape as number[])], { atol: 0, rtol: 0 });
  });

  it.each([
    [[3], 0],
    [[4, 6], 0],
    [[4, 6], 1],
    [[2, 3, 5], -1],
    [[2, 3, 5], 1],
    [[3, 0], 0],
  ])('unstack of %j along axis %i', async (shape, axis) => {
    const cut = (x: Tensor): Tensor[] => unstack(x, axis as number);
    await expectLikeReference(cut, cut, [random(shape as number[])], { atol: 0, rtol: 0 });
  });
});

describe('Reverse on wasm', () => {
  it.each([
    [[5], 0],
    [[3, 4], 1],
    [
      [3, 4],
      [0, 1],
    ],
    [[2, 3, 5], [-1]],
    [[2, 3, 5], 1],
    [[2, 1, 5], [1]],
    [[0, 3], 0],
    [[2, 70, 300], 1],
  ])('of %j along %j', async (shape, axes) => {
    await expectSameOnCpu((x) => reverse(x, axes as number[]), [random(shape as number[])]);
  });

  it('of flags and integers', async () => {
    await expectSameOnCpu((x) => reverse(x, 0), [randomUniform([7], 0, 2, 'bool', 3)]);
    await expectSameOnCpu((x) => reverse(x, 0), [randomUniform([7, 2], -9, 9, 'int32', 3)]);
  });
});
