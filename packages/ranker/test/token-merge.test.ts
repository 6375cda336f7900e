import { paddingBias, ShapeError, TransformerBlock } from '@sifaka/nn';
import { TokenMerge } from '@sifaka/ranker';
import { normal } from '@sifaka/test-kit';
import { add, concat, mul, ones, reshape, slice, tensor2d, tensor3d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('TokenMerge', () => {
  it('concatenates K neighbours, with zeros for padding', () => {
    const merge = new TokenMerge({ itemDim: 2, merge: 2, innerTransformer: false, seed: 1 });
    tidy(() => {
      const items = tensor3d([
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [
          [7, 8],
          [9, 9],
          [9, 9],
        ],
      ]);
      const mask = tensor2d([
        [1, 1, 1],
        [1, 0, 0],
      ]);
      const { tokens, mask: known } = merge.forward(items, mask);
      expect(tokens.arraySync()).toEqual([
        [
          [1, 2, 3, 4],
          [5, 6, 0, 0],
        ],
        [
          [7, 8, 0, 0],
          [0, 0, 0, 0],
        ],
      ]);
      expect(known.arraySync()).toEqual([
        [1, 1],
        [1, 0],
      ]);
    });
    expect(merge.parameters.size).toBe(0);
    merge.dispose();
  });

  it('returns its input if K is 1', () => {
    const merge = new TokenMerge({ itemDim: 3, merge: 1, seed: 1 });
    tidy(() => {
      const items = normal([2, 4, 3], 1);
      expect(merge.forward(items, ones([2, 4])).tokens).toBeAllClose(items, { atol: 0, rtol: 0 });
    });
    merge.dispose();
  });

  it('first runs a transformer block over the items of each token', () => {
    const merge = new TokenMerge({ itemDim: 4, merge: 2, seed: 7 });
    const block = new TransformerBlock({ dim: 4, heads: 1, seed: 7 });
    tidy(() => {
      const items = normal([1, 3, 4], 1);
      const pair = block.forward(slice(items, [0, 0, 0], [1, 2, 4]));
      const single = block.forward(slice(items, [0, 2, 0], [1, 1, 4]), { bias: paddingBias(ones([1, 1])) });
      const expected = concat([reshape(pair, [1, 1, 8]), concat([single, zeros([1, 1, 4])], 2)], 1);
      expect(merge.forward(items, ones([1, 3])).tokens).toBeAllClose(expected);
    });
    merge.dispose();
    block.dispose();
  });

  it('ignores values under the mask, even between items', () => {
    const merge = new TokenMerge({ itemDim: 4, merge: 3, seed: 7 });
    tidy(() => {
      const [items, mask] = [normal([1, 5, 4], 1), tensor2d([[1, 0, 1, 0, 0]])];
      const hidden = mul(reshape(tensor2d([[0, 50, 0, 50, 50]]), [1, 5, 1]), normal([1, 5, 4], 2));
      const seen = merge.forward(items, mask);
      expect(merge.forward(add(items, hidden), mask).tokens).toBeAllClose(seen.tokens);
      expect(seen.mask.arraySync()).toEqual([[1, 0]]);
    });
    merge.dispose();
  });

  it('returns one token of padding for an empty history', () => {
    const merge = new TokenMerge({ itemDim: 2, merge: 4, seed: 1 });
    tidy(() => {
      const { tokens, mask } = merge.forward(zeros([3, 0, 2]), zeros([3, 0]));
      expect(tokens).toBeAllClose(zeros([3, 1, 8]));
      expect(mask).toBeAllClose(zeros([3, 1]));
    });
    merge.dispose();
  });

  it('names the argument that does not fit', () => {
    const merge = new TokenMerge({ itemDim: 2, merge: 2, seed: 1 });
    tidy(() => {
      expect(() => merge.forward(zeros([3, 4, 3]), ones([3, 4]))).toThrow(ShapeError);
      expect(() => merge.forward(zeros([3, 4, 3]), ones([3, 4]))).toThrow('items: expected [B, L, 2], got [3, 4, 3]');
      expect(() => merge.forward(zeros([3, 4, 2]), ones([3, 3]))).toThrow('mask: expected [3, 4], got [3, 3]');
    });
    merge.dispose();
    merge.dispose();
    expect(() => new TokenMerge({ itemDim: 2, merge: 0, seed: 1 })).toThrow('whole number from 1, got 0');
  });
});
