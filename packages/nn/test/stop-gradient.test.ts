import { stopGradient } from '@sifaka/nn';
import { add, grad, grads, memory, mul, square, sum, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('stopGradient', () => {
  it('passes values on, but no gradients', () => {
    tidy(() => {
      const x = tensor1d([1, 2, 3]);
      expect(stopGradient(x)).toBeAllClose([1, 2, 3]);
      expect(grad((x) => sum(add(x, stopGradient(square(x)))))(x)).toBeAllClose([1, 1, 1]);
    });
  });

  it('makes a factor constant', () => {
    tidy(() => {
      const [x, y] = [tensor1d([1, 2, 3]), tensor1d([4, 5, 6])];
      const [dx, dy] = grads((x, y) => sum(mul(mul(x!, stopGradient(x!)), y!)))([x, y]);
      expect(dx!).toBeAllClose([4, 10, 18]);
      expect(dy!).toBeAllClose([1, 4, 9]);
    });
  });

  it('shares the data and outlives the original', () => {
    const before = memory().numDataBuffers;
    const x = tensor1d([1, 2, 3]);
    const stopped = stopGradient(x);
    expect(memory().numDataBuffers).toBe(before + 1);
    x.dispose();
    expect(stopped).toBeAllClose([1, 2, 3]);
    stopped.dispose();
    expect(memory().numDataBuffers).toBe(before);
  });
});
