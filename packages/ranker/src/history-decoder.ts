import {
  assertShape,
  collectParameters,
  deriveSeed,
  disposeParameters,
  FeedForward,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, mul, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { attendHistory, ProjectedAttention, type ReadableHistory } from './history-attention.js';

export interface HistoryDecoderOptions {
  /** Width of the concatenated other features that ask. */
  readonly featureDim: number;
  /** Width of the history vectors. */
  readonly dim: number;
  /** Layers. Not stated in the paper; default 1. */
  readonly depth?: number;
  /** Adds each layer's input and normalises: `Q ← LN(Q + FFN(CrossAttention(Q)))`. Off in the paper as printed. Default true. */
  readonly residual?: boolean;
  /** Learned `W_q`, `W_k`, `W_v`, `W_o` and a scale of `1/√(dim / heads)`. Ours: the paper prints none of them. Default false. */
  readonly projected?: boolean;
  /** Heads of the projected attention; must divide `dim`. As printed there is one. Default 1. */
  readonly heads?: number;
  readonly seed: number;
}

/**
 * LEMUR's decoder (arXiv 2511.10962, Fig. 2): the other features become a query token, which reads the history in a few layers:
 *
 * `Q_{i+1} = FFN(CrossAttention(Q_i, d_1 … d_N))`, `CrossAttention = Σ_j a_j d_j`, `a_j = softmax_j(Q_iᵀ d_j)`.
 *
 * As printed there are no projections and no scaling. Printed or projected, the cost is linear in the history: a layer reads it twice.
 */
export class HistoryDecoder implements Module {
  readonly parameters: NamedParameters;
  readonly #featureDim: number;
  readonly #dim: number;
  readonly #query: Linear;
  readonly #layers: readonly DecoderLayer[];

  /** @throws RangeError if `heads` does not divide `dim`, or is given without `projected`. */
  constructor(options: HistoryDecoderOptions) {
    const { featureDim, dim, depth = 1, residual = true, projected = false, heads = 1, seed } = options;
    if (heads !== 1 && !projected) {
      throw new RangeError(`HistoryDecoder: expected 1 head where projected is off, got ${heads}`);
    }
    if (!(Number.isInteger(heads) && heads > 0 && dim % heads === 0)) {
      throw new RangeError(`HistoryDecoder: expected heads to divide dim ${dim}, got ${heads}`);
    }
    this.#featureDim = featureDim;
    this.#dim = dim;
    this.#query = new Linear({ inputDim: featureDim, outputDim: dim, seed: deriveSeed(seed, 'query') });
    this.#layers = Array.from({ length: depth }, (_, i) => {
      const layerSeed = deriveSeed(seed, 'layers', i);
      return new DecoderLayer({ dim, residual, ...(projected && { heads }), seed: layerSeed });
    });
    this.parameters = collectParameters({ query: this.#query, layers: this.#layers });
  }

  /**
   * @param features `[B, featureDim]`
   * @param history `[B, L, dim]`
   * @param mask `[B, L]`: 1 where there is an item. A row without any reads zeros.
   * @returns `[B, dim]`
   * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
   */
  forward(features: Tensor, history: Tensor, mask: Tensor): Tensor {
    assertShape('HistoryDecoder.forward: history', history, ['B', 'L', this.#dim]);
    const [batch, length] = history.shape as [number, number, number];
    assertShape('HistoryDecoder.forward: features', features, [batch, this.#featureDim]);
    assertShape('HistoryDecoder.forward: mask', mask, [batch, length]);
    return tidy(() => {
      const known = reshape(mask, [batch, 1, length]);
      const readable = { items: history, mask: known, bias: mul(add(known, -1), 1e9) };
      let query = reshape(this.#query.forward(features), [batch, 1, this.#dim]); // [B, 1, D]
      for (const layer of this.#layers) query = layer.forward(query, readable);
      return reshape(query, [batch, this.#dim]);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

interface DecoderLayerOptions {
  readonly dim: number;
  readonly residual: boolean;
  /** Left out: as printed. */
  readonly heads?: number;
  readonly seed: number;
}

class DecoderLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #attention: ProjectedAttention | undefined;
  readonly #feedForward: FeedForward;
  readonly #norm: LayerNorm | undefined;

  constructor({ dim, residual, heads, seed }: DecoderLayerOptions) {
    this.#attention =
      heads === undefined ? undefined : new ProjectedAttention({ dim, heads, seed: deriveSeed(seed, 'attention') });
    this.#feedForward = new FeedForward({ dim, seed: deriveSeed(seed, 'feedForward') });
    this.#norm = residual ? new LayerNorm({ dim }) : undefined;
    this.parameters = collectParameters({
      attention: this.#attention,
      feedForward: this.#feedForward,
      norm: this.#norm,
    });
  }

  forward(query: Tensor, history: ReadableHistory): Tensor {
    const read = this.#attention?.forward(query, history) ?? attendHistory(query, history); // [B, 1, D]
    const answer = this.#feedForward.forward(read); // [B, 1, D]
    return this.#norm === undefined ? answer : this.#norm.forward(add(query, answer));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
