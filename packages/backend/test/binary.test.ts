import {
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  randomNormal,
  scalar,
  type Tensor,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectSameOnCpu } from './compare-engines.js';

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe.each(Object.entries({ maximum, minimum, greater, greaterEqual, less, lessEqual }))('%s on wasm', (_, f) => {
  it.each([[[]], [[1]], [[3]], [[16]], [[5, 7]], [[0, 3]]])('of two of shape %j', async (shape: number[]) => {
    await expectSameOnCpu((a, b) => f(a, b), [random(shape, 1), random(shape, 2)]);
  });

  it('with a number on either side, and with broadcasts', async () => {
    await expectSameOnCpu((a, b) => f(a, b), [random([3, 7], 1), scalar(0.2)]);
    await expectSameOnCpu((a, b) => f(a, b), [scalar(0.2), random([3, 7], 1)]);
    await expectSameOnCpu((a, b) => f(a, b), [random([3, 7], 1), random([7], 2)]);
    await expectSameOnCpu((a, b) => f(a, b), [random([3, 7], 1), random([3, 1], 2)]);
    await expectSameOnCpu((a, b) => f(a, b), [random([1], 1), random([1, 1], 2)]);
  });

  it('of equal numbers, infinities and integers', async () => {
    const values = [1, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const others = [1, 2, -2, 3, Number.NEGATIVE_INFINITY, 0];
    await expectSameOnCpu((a, b) => f(a, b), [tensor1d(values), tensor1d(others)]);
    await expectSameOnCpu((a, b) => f(a, b), [tensor1d([1, 5, -3], 'int32'), tensor1d([1, 4, 3], 'int32')]);
  });
});
