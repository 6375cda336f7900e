import { checkGradient } from '@sifaka/test-kit';
import {
  broadcastTo,
  grad,
  mul,
  profile,
  randomNormal,
  square,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

describe('the gradient of tile', () => {
  test('adds up the copies', () => {
    tidy(() => {
      const x = tensor2d([[1, 2]]);
      const weights = tensor2d([
        [1, 2, 3, 4],
        [10, 20, 30, 40],
        [100, 200, 300, 400],
      ]);
      expect(grad((x) => sum(mul(tile(x, [3, 2]), weights)))(x).arraySync()).toEqual([[444, 666]]);
    });
  });

  test.each([
    { shape: [3], reps: [1] },
    { shape: [3], reps: [4] },
    { shape: [1, 2, 3], reps: [5, 1, 1] },
    { shape: [2, 1, 3], reps: [1, 4, 2] },
    { shape: [2, 2, 1, 2], reps: [2, 1, 3, 2] },
  ])('of $shape by $reps is that of finite differences', ({ shape, reps }) => {
    tidy(() => {
      checkGradient((x) => sum(square(tile(x, reps))), [randomNormal(shape, 0, 1, 'float32', 7)]);
    });
  });

  test('of no copies is zero', () => {
    tidy(() => {
      expect(grad((x) => sum(tile(x, [0])))(tensor1d([1, 2])).arraySync()).toEqual([0, 0]);
    });
  });

  test('takes as many operations for a thousand copies as for two', async () => {
    const count = async (copies: number) => {
      const { kernels } = await profile(() =>
        tidy(() => grad((x) => sum(broadcastTo(x, [copies, 2, 3])))(randomNormal([1, 2, 3]))).dispose(),
      );
      return kernels.length;
    };
    expect(await count(1000)).toBe(await count(2));
  });
});
