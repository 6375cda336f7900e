import { checkGradient } from '@sifaka/test-kit';
import {
  gather,
  randomNormal,
  type Scalar,
  square,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  unsortedSegmentSum,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { onCpu } from './on-cpu.js';

describe('UnsortedSegmentSum on wasm', () => {
  it('adds the rows that share an id; an id that does not occur gives zero', () => {
    tidy(() => {
      const rows = tensor2d([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      const sums = unsortedSegmentSum(rows, tensor1d([2, 0, 2], 'int32'), 4);
      expect(sums).toBeAllClose([
        [3, 4],
        [0, 0],
        [6, 8],
        [0, 0],
      ]);
    });
  });

  it('drops rows whose id is outside the segments', () => {
    tidy(() => {
      expect(unsortedSegmentSum(tensor1d([1, 2, 4]), tensor1d([-1, 0, 2], 'int32'), 2)).toBeAllClose([2, 0]);
    });
  });

  it.each([[[1]], [[7]], [[5, 3]], [[33, 4]], [[6, 2, 5]], [[0, 4]], [[4, 0]]])(
    'equals the reference engine on %o',
    async (shape) => {
      const x = randomNormal(shape, 0, 1, 'float32', 1);
      const ids = tensor1d(
        Array.from({ length: shape[0]! }, (_, i) => (i * 7) % 4),
        'int32',
      );
      const expected = await onCpu(
        (values, segments) => unsortedSegmentSum(values, segments as typeof ids, 5),
        [x, ids],
      );
      const sums = unsortedSegmentSum(x, ids, 5);
      expect(sums).toBeAllClose(expected);
      for (const tensor of [x, ids, expected, sums]) tensor.dispose();
    },
  );

  it('is the gradient of gather, for repeated and absent indices, on any axis', () => {
    const x = randomNormal([4, 3], 0, 1, 'float32', 1);
    const ids = tensor1d([3, 1, 3], 'int32');
    checkGradient((table) => sum(square(gather(table, ids))) as Scalar, [x]);
    const columns = tensor1d([2, 2, 0], 'int32');
    checkGradient((table) => sum(square(gather(table, columns, 1))) as Scalar, [x]);
    for (const tensor of [x, ids, columns]) tensor.dispose();
  });

  it('refuses ids that do not match the rows', () => {
    tidy(() => {
      expect(() => unsortedSegmentSum(zeros([3, 2]), tensor1d([0, 1], 'int32'), 2)).toThrow(
        'UnsortedSegmentSum on wasm: expected x to begin with [2], got [3,2]',
      );
    });
  });
});
