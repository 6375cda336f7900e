import {
  abs,
  add,
  cast,
  concat,
  cumsum,
  gather,
  memory,
  mul,
  reshape,
  reverse,
  slice,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  topk,
  transpose,
  variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

// Engines of ours keep some tensors in memory of their own and let shapes share values; programs must not see it.

const COUNT = () => tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

describe('tensors that share their values', () => {
  it('outlive the tensor that they were made of, whichever goes first', () => {
    for (const made of [
      (x: Tensor) => reshape(x, [3, 2]),
      (x: Tensor) => cast(x, 'float32'),
      (x: Tensor) => transpose(x, [0, 1]),
    ]) {
      const source = COUNT();
      const [one, other] = [made(source), made(source)];
      source.dispose();
      one.dispose();
      // What is allocated now must not find the memory free.
      const noise = add(other, 100);
      expect([...other.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
      noise.dispose();
      other.dispose();
    }
  });

  it('keep their own shapes, for kernels of every kind', () => {
    tidy(() => {
      const x = COUNT();
      const turned = reshape(x, [3, 2]);
      expect(cumsum(turned, 0)).toBeAllClose([
        [1, 2],
        [4, 6],
        [9, 12],
      ]);
      expect(cumsum(x, 0)).toBeAllClose([
        [1, 2, 3],
        [5, 7, 9],
      ]);
      expect(add(turned, tensor1d([10, 20]))).toBeAllClose([
        [11, 22],
        [13, 24],
        [15, 26],
      ]);
      expect(add(x, tensor1d([10, 20, 30]))).toBeAllClose([
        [11, 22, 33],
        [14, 25, 36],
      ]);
    });
  });

  it('pass from one kernel to the next, whoever computes it, and leave nothing behind', () => {
    const before = memory();
    tidy(() => {
      let x: Tensor = COUNT();
      for (let i = 0; i < 3; i++) {
        x = reverse(mul(x, 2), [1]); // [[6, 4, 2], [12, 10, 8]], …
        x = reshape(cumsum(reshape(x, [6]), 0), [2, 3]);
        x = transpose(reshape(transpose(abs(x)), [3, 2]));
        x = reshape(slice(concat([x, x], 0), [1, 0], [2, 3]), [2, 3]);
      }
      const { values, indices } = topk(reshape(x, [6]), 6);
      expect(gather(reshape(x, [6]), indices)).toBeAllClose(values);
    });
    expect(memory().numTensors).toBe(before.numTensors);
    expect(memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(memory().numBytes).toBe(before.numBytes);
  });

  it('are not changed when a variable takes another value', () => {
    const weight = tidy(() => variable(COUNT()));
    const seen = tidy(() => reshape(weight, [6]));
    tidy(() => weight.assign(mul(weight, 0)));
    expect([...seen.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...weight.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    seen.dispose();
    weight.dispose();
  });
});
