import {
  CrossAttention,
  collectParameters,
  deriveSeed,
  disposeParameters,
  dropout,
  FeedForward,
  LayerNorm,
  type Module,
  type NamedParameters,
  SelfAttention,
} from '@sifaka/nn';
import { add, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';

export interface FusionLayerOptions {
  readonly dim: number;
  readonly heads: number;
  /** Multiplies the logits of attention. */
  readonly scale: number;
  /** Width of the tokens that cross-attention reads. Undefined: the layer has none. */
  readonly tokenDim: number | undefined;
  /** Inner width of the feed-forward part. Undefined: the layer has none. */
  readonly hiddenDim: number | undefined;
  readonly norm: { readonly kind: 'post' | 'pre'; readonly epsilon: number };
  readonly dropout: number;
  readonly seed: number;
}

/** Tokens of all modalities, end to end. `S` tokens of width `W`. */
export interface Tokens {
  /** `[B, S, W]` */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding. */
  readonly mask: Tensor;
}

export interface FusionLayerInputs {
  /** `[B, 1, 1, S]`: added to the logits of self-attention. */
  readonly bias?: Tensor;
  /** What cross-attention reads. */
  readonly source: Tokens;
  /** Computes only the first `rows` rows. All rows are keys. */
  readonly rows: number;
  readonly dropoutSeed?: number | undefined;
}

/**
 * Self-attention, then cross-attention and a feed-forward part if the layer has them. Each is a part with a residual
 * connection and a layer norm.
 */
export class FusionLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #attention: SelfAttention;
  readonly #norm: LayerNorm;
  readonly #cross: CrossAttention | undefined;
  readonly #crossNorm: LayerNorm | undefined;
  readonly #feedForward: FeedForward | undefined;
  readonly #feedForwardNorm: LayerNorm | undefined;
  readonly #isPre: boolean;
  readonly #dropout: number;

  constructor({ dim, heads, scale, tokenDim, hiddenDim, norm, dropout, seed }: FusionLayerOptions) {
    const { epsilon } = norm;
    this.#isPre = norm.kind === 'pre';
    this.#dropout = dropout;
    this.#attention = new SelfAttention({ dim, heads, scale, seed: deriveSeed(seed, 'attention') });
    this.#norm = new LayerNorm({ dim, epsilon });
    if (tokenDim !== undefined) {
      this.#cross = new CrossAttention({ dim, sourceDim: tokenDim, heads, scale, seed: deriveSeed(seed, 'cross') });
      this.#crossNorm = new LayerNorm({ dim, epsilon });
    }
    if (hiddenDim !== undefined) {
      this.#feedForward = new FeedForward({ dim, hiddenDim, seed: deriveSeed(seed, 'feedForward') });
      this.#feedForwardNorm = new LayerNorm({ dim, epsilon });
    }
    this.parameters = collectParameters({
      attention: this.#attention,
      norm: this.#norm,
      cross: this.#cross,
      crossNorm: this.#crossNorm,
      feedForward: this.#feedForward,
      feedForwardNorm: this.#feedForwardNorm,
    });
  }

  /** @param x `[B, L, D]` @returns `[B, rows, D]` */
  forward(x: Tensor, { bias, source, rows, dropoutSeed }: FusionLayerInputs): Tensor {
    const [attention, cross, feedForward] = [this.#attention, this.#cross, this.#feedForward];
    const crossSeed = dropoutSeed === undefined ? undefined : deriveSeed(dropoutSeed, 'cross');
    return tidy(() => {
      const attend = (input: Tensor) =>
        this.#drop(attention.forward(input, { queries: rows, ...(bias && { bias }) }), dropoutSeed);
      let rowsOut = this.#addPart(x, this.#norm, attend, rows); // [B, rows, D]
      if (cross !== undefined) {
        const read = (input: Tensor) => this.#drop(cross.forward(input, source.tokens, source), crossSeed);
        rowsOut = this.#addPart(rowsOut, this.#crossNorm!, read);
      }
      if (feedForward !== undefined) {
        rowsOut = this.#addPart(rowsOut, this.#feedForwardNorm!, (input) => feedForward.forward(input));
      }
      return rowsOut;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** A part with its residual connection, and the norm after both (`post`) or before the part (`pre`). */
  #addPart(x: Tensor, norm: LayerNorm, part: (input: Tensor) => Tensor, rows = x.shape[1]!): Tensor {
    const [batch, length, dim] = x.shape as [number, number, number];
    const residual = rows === length ? x : slice(x, [0, 0, 0], [batch, rows, dim]);
    if (this.#isPre) return add(part(norm.forward(x)), residual);
    return norm.forward(add(part(x), residual));
  }

  #drop(x: Tensor, seed: number | undefined): Tensor {
    return seed === undefined ? x : dropout(x, this.#dropout, seed);
  }
}
