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
import { add, matMul, mul, reshape, softmax, type Tensor, tidy } from '@tensorflow/tfjs-core';

export interface HistoryDecoderOptions {
  /** Width of the concatenated other features that ask. */
  readonly featureDim: number;
  /** Width of the history vectors. */
  readonly dim: number;
  /** Layers. Not stated in the paper; default 1. */
  readonly depth?: number;
  /** Adds each layer's input and normalises: `Q ← LN(Q + FFN(CrossAttention(Q)))`. Off in the paper as printed. Default true. */
  readonly residual?: boolean;
  readonly seed: number;
}

/**
 * LEMUR's decoder (arXiv 2511.10962, Fig. 2): the other features become a query token, which reads the history in a few layers:
 *
 * `Q_{i+1} = FFN(CrossAttention(Q_i, d_1 … d_N))`, `CrossAttention = Σ_j a_j d_j`, `a_j = softmax_j(Q_iᵀ d_j)`.
 *
 * As printed there are no projections and no scaling, so its cost is linear in the history.
 */
export class HistoryDecoder implements Module {
  readonly parameters: NamedParameters;
  readonly #featureDim: number;
  readonly #dim: number;
  readonly #query: Linear;
  readonly #layers: readonly DecoderLayer[];

  constructor({ featureDim, dim, depth = 1, residual = true, seed }: HistoryDecoderOptions) {
    this.#featureDim = featureDim;
    this.#dim = dim;
    this.#query = new Linear({ inputDim: featureDim, outputDim: dim, seed: deriveSeed(seed, 'query') });
    this.#layers = Array.from(
      { length: depth },
      (_, i) => new DecoderLayer(dim, residual, deriveSeed(seed, 'layers', i)),
    );
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
      const bias = reshape(mul(add(mask, -1), 1e9), [batch, 1, length]);
      const known = mul(history, reshape(mask, [batch, length, 1])); // An empty history is a sum of zeros.
      let query = reshape(this.#query.forward(features), [batch, 1, this.#dim]); // [B, 1, D]
      for (const layer of this.#layers) query = layer.forward(query, known, bias);
      return reshape(query, [batch, this.#dim]);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

class DecoderLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #feedForward: FeedForward;
  readonly #norm: LayerNorm | undefined;

  constructor(dim: number, residual: boolean, seed: number) {
    this.#feedForward = new FeedForward({ dim, seed: deriveSeed(seed, 'feedForward') });
    this.#norm = residual ? new LayerNorm({ dim }) : undefined;
    this.parameters = collectParameters({ feedForward: this.#feedForward, norm: this.#norm });
  }

  forward(query: Tensor, history: Tensor, bias: Tensor): Tensor {
    const weights = softmax(add(matMul(query, history, false, true), bias)); // [B, 1, L]
    const read = this.#feedForward.forward(matMul(weights, history)); // [B, 1, D]
    return this.#norm === undefined ? read : this.#norm.forward(add(query, read));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
