import { einsum, randomNormal, type Tensor } from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectSameOnCpu } from './compare-engines.js';

const random = (shape: number[], seed: number): Tensor => randomNormal(shape, 0, 1, 'float32', seed);

describe('Einsum on wasm', () => {
  it.each([
    [
      'ij,jk->ik',
      [
        [3, 4],
        [4, 5],
      ],
    ],
    ['ij->ji', [[3, 4]]],
    ['ij->i', [[3, 4]]],
    ['i,i->', [[5], [5]]],
    [
      'bhld,bhsd->bhls',
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    [
      'abc,acd->abd',
      [
        [2, 3, 4],
        [2, 4, 1],
      ],
    ],
    ['ij,j->ij', [[3, 4], [4]]],
  ] as const)('%s', async (equation, shapes) => {
    const operands = shapes.map((shape, i) => random([...shape], i + 1));
    await expectSameOnCpu((...inputs) => einsum(equation, ...inputs), operands);
  });
});
