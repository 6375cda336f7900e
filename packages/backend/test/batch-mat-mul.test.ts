import { checkGradient } from '@sifaka/test-kit';
import { matMul, randomNormal, type Scalar, square, sum, type Tensor, tidy, tile, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { onCpu } from './on-cpu.js';

const TRANSPOSES = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** `[a's batch, b's batch, M, K, N]` */
const SHAPES: readonly [number[], number[], number, number, number][] = [
  [[], [], 1, 1, 1],
  [[], [], 3, 5, 7],
  [[], [], 4, 8, 8],
  [[], [], 1, 17, 9],
  [[], [], 9, 17, 1],
  [[], [], 65, 33, 31],
  [[], [], 130, 300, 70], // deeper and taller than one block
  [[], [], 130, 520, 66], // three blocks deep
  [[], [], 70, 260, 260], // past every block edge at once
  [[], [], 67, 700, 1],
  [[6], [6], 16, 16, 16],
  [[6], [6], 5, 3, 11],
  [[6], [1], 5, 3, 11],
  [[1], [6], 5, 3, 11],
  [[2, 3], [2, 3], 7, 4, 9],
  [[2, 3], [], 4, 5, 6],
  [[], [2, 3], 4, 5, 6],
];

function operands([aBatch, bBatch, m, k, n]: (typeof SHAPES)[number], transposeA: boolean, transposeB: boolean) {
  const a = randomNormal([...aBatch, ...(transposeA ? [k, m] : [m, k])], 0, 1, 'float32', 1);
  const b = randomNormal([...bBatch, ...(transposeB ? [n, k] : [k, n])], 0, 1, 'float32', 2);
  return [a, b] as const;
}

describe('BatchMatMul on wasm', () => {
  for (const [transposeA, transposeB] of TRANSPOSES) {
    const flags = `${transposeA ? 'Aᵀ' : 'A'} ${transposeB ? 'Bᵀ' : 'B'}`;

    it.each(SHAPES)(`${flags} equals the reference engine, batches [%o] [%o], M %i, K %i, N %i`, async (...shape) => {
      const [a, b] = operands(shape, transposeA, transposeB);
      const expected = await onCpu((x, y) => matMul(x, y, transposeA, transposeB), [a, b]);
      const product = matMul(a, b, transposeA, transposeB);
      expect(product).toBeAllClose(expected, { atol: 1e-4, rtol: 1e-4 });
      for (const tensor of [a, b, expected, product]) tensor.dispose();
    });

    it(`${flags} has the gradient of finite differences`, () => {
      const [a, b] = operands([[2], [2], 3, 4, 5], transposeA, transposeB);
      const loss = (x: Tensor, y: Tensor) => sum(square(matMul(x, y, transposeA, transposeB))) as Scalar;
      checkGradient(loss, [a, b], { step: 1e-2, atol: 5e-2 });
      a.dispose();
      b.dispose();
    });
  }

  // The reference engine gets this one wrong (half of its result is missing), so the expected value is spelled out.
  it('broadcasts leading axes on both sides', () => {
    tidy(() => {
      const a = randomNormal([2, 1, 4, 5], 0, 1, 'float32', 1);
      const b = randomNormal([1, 3, 5, 6], 0, 1, 'float32', 2);
      expect(matMul(a, b)).toBeAllClose(matMul(tile(a, [1, 3, 1, 1]), tile(b, [2, 1, 1, 1])));
    });
  });

  it('of empty matrices is empty, and without terms is zero', () => {
    tidy(() => {
      expect(matMul(zeros([0, 3]), zeros([3, 2])).shape).toEqual([0, 2]);
      expect(matMul(zeros([0, 4, 3]), zeros([0, 3, 2])).shape).toEqual([0, 4, 2]);
      expect(matMul(zeros([5, 0]), zeros([0, 3]))).toBeAllClose(new Float32Array(15));
    });
  });

  it('says which axes or types disagree', () => {
    tidy(() => {
      expect(() => matMul(zeros([2, 3], 'int32'), zeros([3, 2], 'int32'))).toThrow(
        /expected two float32 tensors, got int32/,
      );
    });
  });
});
