import { paddingBias, SelfAttention, ShapeError, scaledDotProductAttention } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  concat,
  fill,
  gather,
  mean,
  mul,
  type Scalar,
  slice,
  sum,
  tensor,
  tensor2d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('scaledDotProductAttention', () => {
  it('returns the value row of the only source that is not masked', () => {
    tidy(() => {
      const [query, key, value] = [normal([1, 2, 3, 4], 1), normal([1, 2, 5, 4], 2), normal([1, 2, 5, 4], 3)];
      const bias = paddingBias(tensor2d([[0, 0, 1, 0, 0]]));
      const output = scaledDotProductAttention(query, key, value, { bias });
      const row = slice(value, [0, 0, 2, 0], [1, 2, 1, 4]);
      expect(output).toBeAllClose(concat([row, row, row], 2));
    });
  });

  it('broadcasts a bias over the sources, which changes nothing', () => {
    tidy(() => {
      const [query, key, value] = [normal([1, 2, 3, 4], 1), normal([1, 2, 5, 4], 2), normal([1, 2, 5, 4], 3)];
      const output = scaledDotProductAttention(query, key, value, { bias: normal([1, 1, 3, 1], 4) });
      expect(output).toBeAllClose(scaledDotProductAttention(query, key, value));
    });
  });

  it('averages the values if all keys are equal', () => {
    tidy(() => {
      const value = normal([2, 1, 6, 4], 1);
      const output = scaledDotProductAttention(normal([2, 1, 3, 4], 2), fill([2, 1, 6, 4], 0.5), value);
      const average = mean(value, 2, true);
      expect(output).toBeAllClose(concat([average, average, average], 2));
    });
  });

  it('returns the finite mean of the values if every source is masked', () => {
    tidy(() => {
      const [query, value] = [normal([1, 1, 1, 2], 1), normal([1, 1, 3, 2], 2)];
      const output = scaledDotProductAttention(query, zeros([1, 1, 3, 2]), value, {
        bias: paddingBias(zeros([1, 3])),
      });
      expect(output).toBeAllClose(mean(value, 2, true));
    });
  });

  it('weighs two sources by the logistic function of their scaled difference', () => {
    tidy(() => {
      const query = tensor([2, 0], [1, 1, 1, 2]);
      const key = tensor([3, 7, 1, 9], [1, 1, 2, 2]);
      const value = tensor([1, 1, 0, 0], [1, 1, 2, 2]);
      const logistic = (x: number) => 1 / (1 + Math.exp(-x));
      const byDefault = scaledDotProductAttention(query, key, value);
      const byHand = scaledDotProductAttention(query, key, value, { scale: 0.3 });
      expect(byDefault).toBeAllClose([[[[logistic(4 / Math.SQRT2), logistic(4 / Math.SQRT2)]]]]);
      expect(byHand).toBeAllClose([[[[logistic(1.2), logistic(1.2)]]]]);
    });
  });

  it('matches finite differences in query, key and value', () => {
    tidy(() => {
      const upstream = normal([1, 2, 2, 3], 4);
      const bias = paddingBias(tensor2d([[1, 1, 0]]));
      checkGradient(
        (query, key, value) => sum(mul(scaledDotProductAttention(query!, key!, value!, { bias }), upstream)) as Scalar,
        [normal([1, 2, 2, 3], 1), normal([1, 2, 3, 3], 2), normal([1, 2, 3, 3], 3)],
      );
    });
  });

  it('names the argument and both shapes if they disagree', () => {
    tidy(() => {
      const query = zeros([2, 1, 3, 4]);
      expect(() => scaledDotProductAttention(query, zeros([2, 1, 5, 6]), zeros([2, 1, 5, 4]))).toThrow(
        'scaledDotProductAttention: key: expected [2, 1, 5, 4], got [2, 1, 5, 6]',
      );
      expect(() => scaledDotProductAttention(query, zeros([2, 1, 5, 4]), zeros([2, 1, 6, 4]))).toThrow(
        'scaledDotProductAttention: value: expected [2, 1, 5, 4], got [2, 1, 6, 4]',
      );
    });
  });
});

describe('paddingBias', () => {
  it('is 0 where the mask is 1 and −10⁹ where it is 0, for masks of any type', () => {
    tidy(() => {
      for (const dtype of ['float32', 'int32', 'bool'] as const) {
        const bias = paddingBias(tensor2d([1, 0, 1, 1, 0, 0], [2, 3], dtype));
        expect(bias.dtype).toBe('float32');
        expect(bias).toBeAllClose([[[[0, -1e9, 0]]], [[[0, -1e9, -1e9]]]]);
      }
    });
  });
});

describe('SelfAttention', () => {
  it('permutes its output with its tokens', () => {
    const attention = new SelfAttention({ dim: 8, heads: 2, seed: 1 });
    tidy(() => {
      const tokens = normal([2, 5, 8], 2);
      const order = [3, 0, 4, 1, 2];
      expect(attention.forward(gather(tokens, order, 1))).toBeAllClose(gather(attention.forward(tokens), order, 1), {
        atol: 1e-5,
      });
    });
    attention.dispose();
  });

  it('ignores masked tokens', () => {
    const attention = new SelfAttention({ dim: 8, heads: 4, seed: 1 });
    tidy(() => {
      const tokens = normal([2, 3, 8], 2);
      const bias = paddingBias(tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 0, 0], [2, 5]));
      const padded = attention.forward(concat([tokens, normal([2, 2, 8], 3)], 1), { bias });
      expect(slice(padded, [0, 0, 0], [2, 3, 8])).toBeAllClose(attention.forward(tokens), { atol: 1e-5 });
    });
    attention.dispose();
  });

  it('returns the first rows of the full result for the first queries', () => {
    const attention = new SelfAttention({ dim: 8, heads: 2, seed: 1 });
    tidy(() => {
      const tokens = normal([2, 5, 8], 2);
      const bias = paddingBias(tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], [2, 5]));
      const full = attention.forward(tokens, { bias });
      expect(attention.forward(tokens, { bias, queries: 2 })).toBeAllClose(slice(full, [0, 0, 0], [2, 2, 8]));
    });
    attention.dispose();
  });

  it('matches finite differences in the tokens', () => {
    const attention = new SelfAttention({ dim: 4, heads: 2, seed: 1 });
    tidy(() => {
      const upstream = normal([1, 3, 4], 3);
      checkGradient((tokens) => sum(mul(attention.forward(tokens!), upstream)) as Scalar, [normal([1, 3, 4], 2)]);
    });
    attention.dispose();
  });

  it('refuses heads that do not divide the width, and tokens of another width', () => {
    expect(() => new SelfAttention({ dim: 6, heads: 4, seed: 1 })).toThrow(
      'SelfAttention: expected heads to divide dim 6, got 4',
    );
    const attention = new SelfAttention({ dim: 4, heads: 2, seed: 1 });
    tidy(() => {
      expect(() => attention.forward(zeros([2, 3, 5]))).toThrow(ShapeError);
    });
    attention.dispose();
  });
});
