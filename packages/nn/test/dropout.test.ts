import { dropout } from '@sifaka/nn';
import { grad, mean, ones, sum, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('dropout', () => {
  it('keeps the expectation by dividing the kept values by 1 − rate', () => {
    tidy(() => {
      const output = dropout(ones([100, 100]), 0.3, 1);
      const values = new Set(output.dataSync());
      expect([...values].sort()).toEqual([0, Math.fround(1 / 0.7)]);
      // Standard deviation of the mean of 10⁴ draws: √(0.3 / 0.7) / 100 = 0.0065.
      expect(mean(output)).toBeAllClose([1], { atol: 0.02 });
    });
  });

  it('draws the same mask for the same seed only', () => {
    tidy(() => {
      const x = ones([64]);
      for (const seed of [0, 1, 4294967295]) expect(dropout(x, 0.5, seed)).toBeAllClose(dropout(x, 0.5, seed));
      expect(dropout(x, 0.5, 1)).not.toBeAllClose(dropout(x, 0.5, 2));
    });
  });

  it('stops the gradient of the zeroed values', () => {
    tidy(() => {
      const x = ones([20]);
      expect(grad((x) => sum(dropout(x, 0.4, 3)))(x)).toBeAllClose(dropout(x, 0.4, 3));
    });
  });

  it('returns a new tensor at rate 0', () => {
    const x = tensor1d([1, 2]);
    const output = dropout(x, 0, 1);
    x.dispose();
    expect(output).toBeAllClose([1, 2]);
    output.dispose();
  });

  it.each([-0.1, 1, 1.5, Number.NaN])('refuses a rate of %s', (rate) => {
    tidy(() => {
      const x = ones([2]);
      expect(() => dropout(x, rate, 1)).toThrow(`dropout: expected a rate in [0, 1), got ${rate}`);
    });
  });
});
