import {
  assertShape,
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
  /** Width `d` of an item. */
  readonly itemDim: number;
  /** `K`: how many neighbours become one token. */
  readonly merge: number;
  /** InnerTrans: a transformer block among the items of each token. Default where `merge` is more than 1. */
  readonly innerTransformer?: boolean;
  readonly seed: number;
}

export interface TokenMergeOutput {
  /** `[B, N, K · d]` with `N = ⌈L / K⌉`, but at least 1. */
  readonly tokens: Tensor;
  /** `[B, N]`: 1 where a token holds any item. */
  readonly mask: Tensor;
}

/**
 * LONGER's token merge (arXiv 2505.04421): `K` neighbours end to end are one token, after a lightweight transformer block among them.
 * Without the block it is a reshape. Places without an item are zeros; zeros also fill up the last token, which holds the oldest items.
 */
export class TokenMerge implements Module {
  readonly parameters: NamedParameters;
  readonly #itemDim: number;
  readonly #merge: number;
  readonly #inner: TransformerBlock | undefined;

  constructor({ itemDim, merge, innerTransformer = merge > 1, seed }: TokenMergeOptions) {
    if (!(Number.isInteger(merge) && merge > 0)) {
      throw new RangeError(`TokenMerge: expected merge to be a whole number from 1, got ${merge}`);
    }
    this.#itemDim = itemDim;
    this.#merge = merge;
    this.#inner = innerTransformer ? new TransformerBlock({ dim: itemDim, heads: 1, seed }) : undefined;
    this.parameters = collectParameters({ inner: this.#inner });
  }

  /**
   * @param items `[B, L, d]`
   * @param mask `[B, L]`: 1 where there is an item
   * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
   */
  forward(items: Tensor, mask: Tensor): TokenMergeOutput {
    const [dim, merge] = [this.#itemDim, this.#merge];
    assertShape('TokenMerge.forward: items', items, ['B', 'L', dim]);
    const [batch, length] = items.shape as [number, number, number];
    assertShape('TokenMerge.forward: mask', mask, [batch, length]);
    const tokens = Math.max(1, Math.ceil(length / merge));
    const filling = tokens * merge - length;
    return tidy(() => {
      const fill = (x: Tensor, shape: number[]) => (filling > 0 ? concat([x, zeros(shape)], 1) : x);
      const known = reshape(fill(mask, [batch, filling]), [batch * tokens, merge]);
      const places = reshape(known, [batch * tokens, merge, 1]);
      let x = reshape(fill(items, [batch, filling, dim]), [batch * tokens, merge, dim]);
      if (this.#inner !== undefined) x = this.#inner.forward(x, { bias: paddingBias(known) });
      return {
        tokens: reshape(mul(x, places), [batch, tokens, merge * dim]),
        mask: reshape(cast(greater(sum(stopGradient(known), 1), 0), 'float32'), [batch, tokens]),
      };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
