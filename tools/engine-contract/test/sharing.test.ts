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

// The engines of @sifaka/backend keep some tensors in their own memory and share values between shapes. Programs must
// not notice.

const oneToSix = () => tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

describe('tensors that share their values', () => {
  it('outlive the tensor that they were created from', () => {
    for (const view of [
      (x: Tensor) => reshape(x, [3, 2]),
      (x: Tensor) => cast(x, 'float32'),
      (x: Tensor) => transpose(x, [0, 1]),
    ]) {
      const source = oneToSix();
      const [one, other] = [view(source), view(source)];
      source.dispose();
      one.dispose();
      // This allocation must not reuse their memory.
      const unrelated = add(other, 100);
      expect([...other.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
      unrelated.dispose();
      other.dispose();
    }
  });

  it('keep their own shapes in kernels of every kind', () => {
    tidy(() => {
      const x = oneToSix();
      const reshaped = reshape(x, [3, 2]);
      expect(cumsum(reshaped, 0)).toBeAllClose([
        [1, 2],
        [4, 6],
        [9, 12],
      ]);
      expect(cumsum(x, 0)).toBeAllClose([
        [1, 2, 3],
        [5, 7, 9],
      ]);
      expect(add(reshaped, tensor1d([10, 20]))).toBeAllClose([
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

  it('pass between kernels of either origin and leave no memory behind', () => {
    const before = memory();
    tidy(() => {
      let x: Tensor = oneToSix();
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

  it('do not change when a variable is assigned', () => {
    const weight = tidy(() => variable(oneToSix()));
    const seen = tidy(() => reshape(weight, [6]));
    tidy(() => weight.assign(mul(weight, 0)));
    expect([...seen.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...weight.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    seen.dispose();
    weight.dispose();
  });
});
