import {
  assertSeed,
  assertShape,
  assertWhole,
  collectParameters,
  disposeParameters,
  type Module,
  type NamedParameters,
  paddingBias,
  stopGradient,
  TransformerBlock,
} from '@sifaka/nn';
import { cast, concat, greater, mul, reshape, sum, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';

export interface TokenMergeOptions {
  /** `d`: width of an item. */
  readonly itemDim: number;
  /** `K`: number of neighbours that one token merges. */
  readonly merge: number;
  /** InnerTrans: a transformer block over the items of each token. Default true if `merge` is more than 1. */
  readonly innerTransformer?: boolean;
  readonly seed: number;
}

/** The caller owns both tensors. */
export interface TokenMergeOutput {
  /** `[B, N, K · d]`, `N = max(1, ⌈L / K⌉)` */
  readonly tokens: Tensor;
  /** `[B, N]`: 1 for a token with an item, 0 for padding. */
  readonly mask: Tensor;
}

/**
 * LONGER's token merge (arXiv 2505.04421): a small transformer block runs over `K` neighbours, which are then
 * concatenated to one token. Without the block this is a reshape. Padding becomes zeros. The last token, which holds
 * the oldest items, is padded with zeros.
 */
export class TokenMerge implements Module {
  readonly parameters: NamedParameters;
  readonly #itemDim: number;
  readonly #merge: number;
  readonly #inner: TransformerBlock | undefined;

  /** @throws RangeError if `itemDim` or `merge` is not a whole number from 1. */
  constructor({ itemDim, merge, innerTransformer = merge > 1, seed }: TokenMergeOptions) {
    assertWhole('TokenMerge', { itemDim, merge });
    assertSeed('TokenMerge', seed);
    this.#itemDim = itemDim;
    this.#merge = merge;
    this.#inner = innerTransformer ? new TransformerBlock({ dim: itemDim, heads: 1, seed }) : undefined;
    this.parameters = collectParameters({ inner: this.#inner });
  }

  /**
   * @param items `[B, L, d]`
   * @param mask `[B, L]`: 1 for an item, 0 for padding
   * @throws {@link ShapeError} naming the argument that has the wrong shape.
   */
  forward(items: Tensor, mask: Tensor): TokenMergeOutput {
    const [dim, merge] = [this.#itemDim, this.#merge];
    assertShape('TokenMerge.forward: items', items, ['B', 'L', dim]);
    const [batch, length] = items.shape as [number, number, number];
    assertShape('TokenMerge.forward: mask', mask, [batch, length]);
    const tokens = Math.max(1, Math.ceil(length / merge));
    const padding = tokens * merge - length;
    return tidy(() => {
      const pad = (x: Tensor, shape: number[]) => (padding > 0 ? concat([x, zeros(shape)], 1) : x);
      const present = reshape(pad(mask, [batch, padding]), [batch * tokens, merge]); // [B · N, K]
      const keep = reshape(present, [batch * tokens, merge, 1]);
      let x = reshape(pad(items, [batch, padding, dim]), [batch * tokens, merge, dim]); // [B · N, K, d]
      if (this.#inner !== undefined) x = this.#inner.forward(x, { bias: paddingBias(present) });
      return {
        tokens: reshape(mul(x, keep), [batch, tokens, merge * dim]),
        mask: reshape(cast(greater(sum(stopGradient(present), 1), 0), 'float32'), [batch, tokens]),
      };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
