import { add, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertSeed, assertWhole } from './assert-options.js';
import { assertQueries, SelfAttention } from './attention.js';
import { gelu } from './gelu.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { type RunBlocksOptions, runBlocks } from './recompute.js';
import { deriveSeed } from './seed.js';
import { assertShape } from './shape-error.js';

export interface FeedForwardOptions {
  readonly dim: number;
  /** Width inside. Default `4 · dim`. */
  readonly hiddenDim?: number;
  readonly seed: number;
}

/** `gelu(x W₁ + b₁) W₂ + b₂` over the last axis. */
export class FeedForward implements Module {
  readonly expand: Linear;
  readonly contract: Linear;
  readonly parameters: NamedParameters;

  /** @param parts maps to use instead of new ones: `[dim, hiddenDim]` and `[hiddenDim, dim]`. */
  constructor(
    { dim, hiddenDim = 4 * dim, seed }: FeedForwardOptions,
    parts?: { readonly expand: Linear; readonly contract: Linear },
  ) {
    assertWhole('FeedForward', { dim, hiddenDim });
    assertSeed('FeedForward', seed);
    if (parts !== undefined) {
      assertShape('FeedForward: expand', parts.expand.weight, [dim, hiddenDim]);
      assertShape('FeedForward: contract', parts.contract.weight, [hiddenDim, dim]);
    }
    this.expand =
      parts?.expand ?? new Linear({ inputDim: dim, outputDim: hiddenDim, seed: deriveSeed(seed, 'expand') });
    this.contract =
      parts?.contract ?? new Linear({ inputDim: hiddenDim, outputDim: dim, seed: deriveSeed(seed, 'contract') });
    this.parameters = collectParameters({ expand: this.expand, contract: this.contract });
  }

  /** @param x `[..., dim]` @returns `[..., dim]` */
  forward(x: Tensor): Tensor {
    return tidy(() => this.contract.forward(gelu(this.expand.forward(x))));
  }

  /** A second module with the same weights as constants; see {@link Linear.frozenView}. */
  frozenView(): FeedForward {
    const [dim, hiddenDim] = this.expand.weight.shape as [number, number];
    const parts = { expand: this.expand.frozenView(), contract: this.contract.frozenView() };
    return new FeedForward({ dim, hiddenDim, seed: 0 }, parts);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

export interface TransformerOptions {
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Width inside the feed-forward parts. Default `4 · dim`. */
  readonly hiddenDim?: number;
  readonly seed: number;
}

/** A stack of pre-norm transformer blocks (Xiong et al., 2020) with a final layer norm. */
export class Transformer implements Module {
  readonly blocks: readonly TransformerBlock[];
  readonly norm: LayerNorm;
  readonly parameters: NamedParameters;

  constructor({ dim, depth, heads, hiddenDim = 4 * dim, seed }: TransformerOptions) {
    assertWhole('Transformer', { dim, depth, heads, hiddenDim });
    assertSeed('Transformer', seed);
    this.blocks = Array.from(
      { length: depth },
      (_, i) => new TransformerBlock({ dim, heads, hiddenDim, seed: deriveSeed(seed, 'blocks', i) }),
    );
    this.norm = new LayerNorm({ dim });
    this.parameters = collectParameters({ blocks: this.blocks, norm: this.norm });
  }

  /** @param tokens `[B, S, dim]` @returns `[B, S, dim]` */
  forward(tokens: Tensor, options: RunBlocksOptions = {}): Tensor {
    return tidy(() => this.norm.forward(runBlocks(this.blocks, tokens, options)));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

export interface TransformerBlockOptions {
  readonly dim: number;
  readonly heads: number;
  readonly hiddenDim?: number;
  readonly seed: number;
}

/** One pre-norm block: `x + attention(norm(x))`, then `x + feedForward(norm(x))`. */
export class TransformerBlock implements Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: SelfAttention;
  readonly feedForwardNorm: LayerNorm;
  readonly feedForward: FeedForward;
  readonly parameters: NamedParameters;
  readonly #dim: number;

  constructor({ dim, heads, hiddenDim = 4 * dim, seed }: TransformerBlockOptions) {
    assertWhole('TransformerBlock', { dim, heads, hiddenDim });
    assertSeed('TransformerBlock', seed);
    this.#dim = dim;
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.attention = new SelfAttention({ dim, heads, seed: deriveSeed(seed, 'attention') });
    this.attentionNorm = new LayerNorm({ dim });
    this.feedForwardNorm = new LayerNorm({ dim });
    this.feedForward = new FeedForward({ dim, hiddenDim, seed: deriveSeed(seed, 'feedForward') });
    this.parameters = collectParameters({
      attentionNorm: this.attentionNorm,
      attention: this.attention,
      feedForwardNorm: this.feedForwardNorm,
      feedForward: this.feedForward,
    });
  }

  /**
   * @param x `[B, S, dim]`
   * @param options.bias added to the attention logits, broadcastable to `[B, heads, L, S]`.
   * @param options.queries computes the output of the first `L` tokens only. All tokens are keys. Default: all.
   * @returns `[B, L, dim]`
   */
  forward(x: Tensor, options: { readonly bias?: Tensor; readonly queries?: number } = {}): Tensor {
    const { queries = x.shape[1]! } = options;
    if (x.rank === 3) assertQueries('TransformerBlock.forward', queries, x.shape[1]!);
    return tidy(() => {
      const first = queries === x.shape[1] ? x : slice(x, [0, 0, 0], [x.shape[0]!, queries, this.#dim]); // [B, L, D]
      const attended = add(first, this.attention.forward(this.attentionNorm.forward(x), options)); // [B, L, D]
      return add(attended, this.feedForward.forward(this.feedForwardNorm.forward(attended))); // [B, L, D]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
