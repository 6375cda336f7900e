import {
  broadcastTo,
  cast,
  erf,
  exp,
  fill,
  gather,
  mean,
  randomNormal,
  randomUniform,
  rsqrt,
  scalar,
  softmax,
  softplus,
  sqrt,
  sum,
  type Tensor,
  tanh,
  tensor1d,
  tidy,
  tile,
  transpose,
  where,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectSameOnCpu } from './compare-engines.js';

const random = (shape: number[], deviation = 1): Tensor => randomNormal(shape, 0, deviation, 'float32', 7);

describe('Sum and Mean on wasm', () => {
  it.each([
    [[], undefined],
    [[1], [0]],
    [[5], [0]],
    [[67], undefined],
    [[1000, 19], [0]],
    [[1000, 19], [1]],
    [[130, 64], [0]],
    [[3, 70, 21], [1]],
    [
      [3, 70, 21],
      [0, 1],
    ],
    [[3, 70, 21], [2]],
    [
      [3, 7, 21],
      [0, 2],
    ], // a kept axis between: the engine's own kernel
    [
      [3, 1, 21],
      [0, 2],
    ],
    [
      [2, 3, 4, 5],
      [-1, -2],
    ],
    [[4, 1, 3], [1]],
    [[0, 3], [0]],
    [[3, 0], [0]],
  ])('shape %o over %o', async (shape: number[], axes: number[] | undefined) => {
    await expectSameOnCpu((x) => sum(x, axes), [random(shape)]);
    await expectSameOnCpu((x) => sum(x, axes, true), [random(shape)]);
    await expectSameOnCpu((x) => mean(x, axes), [random(shape)]);
  });

  it('adds integers as integers', async () => {
    await expectSameOnCpu((x) => sum(x, 0), [randomUniform([9, 3], 0, 100, 'int32', 3)]);
  });

  it('adds long columns in blocks: one running sum would be off by 1e-4', () => {
    tidy(() => {
      const tenths = sum(fill([100_000, 4], 0.1), 0);
      expect(tenths).toBeAllClose([10_000, 10_000, 10_000, 10_000], { rtol: 1e-5, atol: 0 });
    });
  });
});

describe('elementwise kernels on wasm', () => {
  it.each([[[]], [[1]], [[3]], [[4]], [[1023]], [[0]], [[7, 9]]])('shape %o', async (shape: number[]) => {
    for (const f of [exp, erf, softplus, tanh]) await expectSameOnCpu((x) => f(x), [random(shape, 3)]);
    for (const f of [rsqrt, sqrt]) await expectSameOnCpu((x) => f(x), [randomUniform(shape, 0, 9, 'float32', 7)]);
  });

  it('agree at the ends of the range', () => {
    tidy(() => {
      const x = tensor1d([Number.NEGATIVE_INFINITY, -1e9, -100, 0, 100, 1e9, Number.POSITIVE_INFINITY, Number.NaN]);
      const infinite = Number.POSITIVE_INFINITY;
      expect(exp(x)).toBeAllClose([0, 0, 0, 1, infinite, infinite, infinite, Number.NaN]);
      expect(erf(x)).toBeAllClose([-1, -1, -1, 0, 1, 1, 1, Number.NaN]);
      expect(tanh(x)).toBeAllClose([-1, -1, -1, 0, 1, 1, 1, Number.NaN]);
      expect(softplus(x)).toBeAllClose([0, 0, 0, Math.LN2, 100, 1e9, infinite, Number.NaN]);
      expect(sqrt(x)).toBeAllClose([Number.NaN, Number.NaN, Number.NaN, 0, 10, Math.sqrt(1e9), infinite, Number.NaN]);
      expect(rsqrt(x)).toBeAllClose([
        Number.NaN,
        Number.NaN,
        Number.NaN,
        infinite,
        0.1,
        1 / Math.sqrt(1e9),
        0,
        Number.NaN,
      ]);
    });
  });

  it('softplus keeps its relative accuracy far below zero', () => {
    const values = Float32Array.from({ length: 201 }, (_, i) => 20 - i / 2);
    tidy(() => {
      const expected = values.map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
      expect(softplus(tensor1d(values))).toBeAllClose(expected, { rtol: 1e-6, atol: 0 });
    });
  });

  it('exp is within 2e-7 of the true value over the whole range', () => {
    const values = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 0.0435 + 0.8);
    tidy(() => {
      expect(exp(tensor1d(values))).toBeAllClose(values.map(Math.exp), { rtol: 2e-7, atol: 0 });
    });
  });

  it('erf and tanh keep their relative accuracy near zero', () => {
    const tiny = Float32Array.from({ length: 9 }, (_, i) => 10 ** -i * 1e-2);
    tidy(() => {
      expect(tanh(tensor1d(tiny))).toBeAllClose(tiny.map(Math.tanh), { rtol: 1e-6, atol: 0 });
      // erf x = 2/√π (x − x³/3 + …)
      const series = tiny.map((x) => (2 / Math.sqrt(Math.PI)) * (x - x ** 3 / 3 + x ** 5 / 10));
      expect(erf(tensor1d(tiny))).toBeAllClose(series, { rtol: 1e-6, atol: 0 });
    });
  });
});

describe('Softmax on wasm', () => {
  it.each([[[1]], [[5]], [[2, 3]], [[3, 16]], [[2, 4, 17]], [[0, 4]], [[6, 1]], [[4, 100]]])(
    'shape %o',
    async (shape: number[]) => {
      await expectSameOnCpu((x) => softmax(x), [random(shape, 10)]);
    },
  );

  it('gives masked positions exactly 0, and does not overflow', () => {
    tidy(() => {
      const masked = softmax(tensor1d([1000, 1000, -1e9, Number.NEGATIVE_INFINITY, -1e9]));
      expect(masked).toBeAllClose([0.5, 0.5, 0, 0, 0], { atol: 0, rtol: 1e-6 });
    });
  });
});

describe('GatherV2 on wasm', () => {
  it.each([
    [[5], [3], 0, 0],
    [[5, 3], [4], 0, 0],
    [[5, 3], [2, 2], 0, 0],
    [[5, 16], [7], 0, 0],
    [[5, 300], [7], 0, 0],
    [[5, 3], [4], 1, 0],
    [[2, 5, 3], [4], 1, 0],
    [[2, 5, 3], [4], 2, 0],
    [[2, 5, 3], [2, 4], 1, 1],
    [[5, 3], [0], 0, 0],
  ])('table %o, indices %o, axis %i, batchDims %i', async (shape, indexShape, axis, batchDims) => {
    const indices = randomUniform(indexShape as number[], 0, shape[axis]!, 'int32', 5);
    await expectSameOnCpu(
      (x, ids) => gather(x, ids as ReturnType<typeof tensor1d>, axis, batchDims),
      [random(shape as number[]), indices],
    );
  });

  it('gathers integers and flags', async () => {
    const ids = () => tensor1d([2, 0, 2], 'int32');
    await expectSameOnCpu((x, i) => gather(x, i as ReturnType<typeof ids>), [tensor1d([1, 2, 3], 'int32'), ids()]);
    await expectSameOnCpu((x, i) => gather(x, i as ReturnType<typeof ids>), [tensor1d([1, 0, 1], 'bool'), ids()]);
  });

  it('names an index outside the table', () => {
    tidy(() => {
      const ids = tensor1d([0, 5, -1], 'int32');
      expect(() => gather(zeros([5, 2]), ids)).toThrow(
        'GatherV2 on wasm: expected indices in [0, 4], got 5 at position 1',
      );
    });
  });
});

describe('Transpose on wasm', () => {
  it.each([
    [
      [3, 5],
      [1, 0],
    ],
    [
      [8, 8],
      [1, 0],
    ],
    [
      [1, 7],
      [1, 0],
    ],
    [
      [2, 9, 6],
      [0, 2, 1],
    ],
    [
      [2, 9, 6],
      [1, 0, 2],
    ],
    [
      [2, 9, 6],
      [1, 2, 0],
    ],
    [
      [2, 9, 6],
      [2, 1, 0],
    ], // not a swap of two groups: the engine's own kernel
    [
      [2, 5, 3, 16],
      [0, 2, 1, 3],
    ],
    [
      [2, 5, 3, 7],
      [0, 2, 3, 1],
    ],
    [
      [2, 5, 3, 7],
      [2, 3, 0, 1],
    ],
    [
      [2, 1, 3, 1],
      [3, 0, 2, 1],
    ],
    [
      [2, 3, 4],
      [0, 1, 2],
    ],
    [
      [0, 3],
      [1, 0],
    ],
  ])('shape %o by %o', async (shape: number[], perm: number[]) => {
    await expectSameOnCpu((x) => transpose(x, perm), [random(shape)]);
  });
});

describe('Tile on wasm', () => {
  it.each([
    [[3], [4]],
    [[1], [9]],
    [
      [5, 1],
      [1, 7],
    ],
    [
      [1, 5],
      [7, 1],
    ],
    [
      [2, 3, 4],
      [2, 1, 3],
    ],
    [
      [2, 300],
      [3, 1],
    ],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [2, 3],
      [0, 2],
    ],
    [
      [0, 3],
      [2, 2],
    ],
  ])('shape %o, repeats %o', async (shape: number[], repeats: number[]) => {
    await expectSameOnCpu((x) => tile(x, repeats), [random(shape)]);
    await expectSameOnCpu((x) => tile(x, repeats), [randomUniform(shape, 0, 2, 'bool', 3)]);
    await expectSameOnCpu((x) => tile(x, repeats), [randomUniform(shape, 0, 9, 'int32', 3)]);
  });

  it('carries broadcasts', async () => {
    await expectSameOnCpu((x) => broadcastTo(x, [4, 3, 5]), [random([3, 1])]);
  });
});

describe('Select on wasm', () => {
  it.each([[[]], [[1]], [[7]], [[16]], [[3, 5]], [[0]]])('shape %o', async (shape: number[]) => {
    const flags = randomUniform(shape, 0, 2, 'bool', 3);
    await expectSameOnCpu((c, x, y) => where(c, x, y), [flags, random(shape), random(shape, 9)]);
  });

  it('broadcasts a mask, and takes integers and flags', async () => {
    const mask = () => tensor1d([1, 0, 1], 'bool');
    await expectSameOnCpu((c, x, y) => where(c, x, y), [mask(), random([4, 3]), scalar(-1e9)]);
    for (const dtype of ['int32', 'bool'] as const) {
      await expectSameOnCpu(
        (c, x, y) => where(c, x, y),
        [mask(), tensor1d([1, 1, 0], dtype), tensor1d([0, 1, 0], dtype)],
      );
    }
  });
});

describe('Identity and Cast on wasm', () => {
  it('a clone outlives the tensor it was made from', () => {
    const x = tensor1d([1, 2, 3]);
    const clone = x.clone();
    x.dispose();
    expect(clone).toBeAllClose([1, 2, 3]);
    clone.dispose();
  });

  it('casts to the same type by sharing, to others by converting', async () => {
    const mixed = () => tensor1d([0, 0.5, -1, 256, 2.7]);
    for (const dtype of ['float32', 'int32', 'bool'] as const) await expectSameOnCpu((x) => cast(x, dtype), [mixed()]);
    await expectSameOnCpu((x) => cast(x, 'float32'), [tensor1d([1, 0], 'bool')]);
    await expectSameOnCpu((x) => cast(x, 'float32'), [tensor1d([3, -4], 'int32')]);
  });
});
