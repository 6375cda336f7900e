import { useEngine } from '@sifaka/backend';
import { setBackend, slice, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const SHAPES: readonly (readonly [shape: number[], begin: number[], size: number[]])[] = [
  [[7], [2], [3]],
  [[7], [0], [7]],
  [
    [3, 4],
    [1, 0],
    [2, 4],
  ],
  [
    [3, 4],
    [0, 1],
    [3, 2],
  ],
  [
    [2, 3, 4],
    [0, 1, 2],
    [2, 2, 1],
  ],
  [
    [2, 3, 4],
    [1, 0, 0],
    [1, 3, 4],
  ],
  [
    [2, 3, 4, 2],
    [0, 2, 0, 1],
    [2, 1, 4, 1],
  ],
  [
    [2, 3, 2, 2, 3],
    [0, 1, 1, 0, 1],
    [2, 2, 1, 2, 2],
  ],
  [
    [3, 4],
    [1, 1],
    [0, 2],
  ],
  [
    [1, 1],
    [0, 0],
    [1, 1],
  ],
];

describe('slice on wasm', () => {
  it.each(SHAPES)('of %j from %j, %j long, is what the reference engine gives', async (shape, begin, size) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
    const take = (dtype: 'float32' | 'int32') => {
      const [x, y] = tidy(() => {
        const x = tensor(dtype === 'int32' ? Int32Array.from(values) : values, shape, dtype);
        return [x, slice(x, begin, size)];
      }) as [ReturnType<typeof tensor>, ReturnType<typeof tensor>];
      const taken = { shape: y.shape, values: Array.from(y.dataSync()) };
      x.dispose();
      y.dispose();
      return taken;
    };
    await useEngine('cpu');
    const expected = [take('float32'), take('int32')];
    await setBackend('wasm');
    expect([take('float32'), take('int32')]).toEqual(expected);
  });
});
