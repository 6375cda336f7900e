import {
  assertChoice,
  assertHeads,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  FeedForward,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, concat, mul, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertGroups, totalWidth } from '../features/feature-groups.js';
import { attendHistory, ProjectedAttention, type ReadableHistory } from './history-attention.js';
import {
  assertReaderInputs,
  type HistoryReader,
  type HistoryReaderOptions,
  type UntargetedInputs,
} from './history-reader.js';

/** How the query of a {@link HistoryDecoder} attends to the history. */
export type DecoderAttention =
  /** As printed in the paper: no projections, one head, no scale. */
  | { readonly kind: 'printed' }
  /**
   * Learned `W_q`, `W_k`, `W_v`, `W_o` and a scale of `1/√(dim / heads)`. Not in the paper. `heads` must divide `dim`.
   */
  | { readonly kind: 'projected'; readonly heads: number };

export interface HistoryDecoderOptions extends HistoryReaderOptions {
  /** Number of layers. Not stated in the paper. Default 1. */
  readonly depth?: number;
  /**
   * Adds each layer's input and normalises: `Q ← LN(Q + FFN(CrossAttention(Q)))`. Not in the paper, where a layer
   * forgets its query. Default true.
   */
  readonly residual?: boolean;
  /** Default `{ kind: 'printed' }`. */
  readonly attention?: DecoderAttention;
}

/**
 * LEMUR's decoder (arXiv 2511.10962, Fig. 2). The concatenated features are projected to a query, which reads the
 * history layer by layer:
 *
 * `Q_{i+1} = FFN(CrossAttention(Q_i, d_1 … d_L))`, `CrossAttention = Σ_j a_j d_j`, `a_j = softmax_j(Q_iᵀ d_j)`.
 *
 * The cost is linear in the history's length for either kind of attention.
 *
 * Shapes: `B` batch, `L` history length, `D` width of the history's vectors and of the query.
 */
export class HistoryDecoder implements HistoryReader {
  /** `D` */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #options: HistoryReaderOptions;
  readonly #query: Linear;
  readonly #layers: readonly DecoderLayer[];

  /**
   * @throws RangeError if there are no groups, a width or `depth` is not a whole number from 1, the kind of attention
   *   is unknown, or `heads` does not divide `dim`.
   */
  constructor(options: HistoryDecoderOptions) {
    const { groups, dim, depth = 1, residual = true, attention = { kind: 'printed' }, seed } = options;
    assertGroups('HistoryDecoder', groups);
    assertChoice('HistoryDecoder', { 'attention.kind': attention.kind }, ['printed', 'projected']);
    assertWhole('HistoryDecoder', { dim, depth });
    assertSeed('HistoryDecoder', seed);
    if (attention.kind === 'projected') assertHeads('HistoryDecoder', { dim }, attention.heads);
    this.#options = options;
    this.outputDim = dim;
    this.#query = new Linear({ inputDim: totalWidth(groups), outputDim: dim, seed: deriveSeed(seed, 'query') });
    this.#layers = Array.from(
      { length: depth },
      (_, i) => new DecoderLayer({ dim, residual, attention, seed: deriveSeed(seed, 'layers', i) }),
    );
    this.parameters = collectParameters({ query: this.#query, layers: this.#layers });
  }

  /**
   * An empty history reads as zeros. The paper does not cover it.
   *
   * @returns `[B, D]`
   * @throws {@link ShapeError} naming the group or argument that is missing or has the wrong shape.
   */
  forward(inputs: UntargetedInputs): Tensor {
    const features = assertReaderInputs('HistoryDecoder.forward', this.#options, inputs);
    const { history, mask } = inputs;
    const [batch, length, dim] = history.shape as [number, number, number];
    return tidy(() => {
      const present = reshape(mask, [batch, 1, length]);
      const readable = { items: history, mask: present, bias: mul(add(present, -1), 1e9) };
      const joined = concat(features, 1); // [B, Σ width]
      let query = reshape(this.#query.forward(joined), [batch, 1, dim]); // [B, 1, D]
      for (const layer of this.#layers) query = layer.forward(query, readable);
      return reshape(query, [batch, dim]);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

interface DecoderLayerOptions {
  readonly dim: number;
  readonly residual: boolean;
  readonly attention: DecoderAttention;
  readonly seed: number;
}

/** One cross-attention and one feed-forward network. */
class DecoderLayer implements Module {
  readonly parameters: NamedParameters;
  readonly #attention: ProjectedAttention | undefined;
  readonly #feedForward: FeedForward;
  readonly #norm: LayerNorm | undefined;

  constructor({ dim, residual, attention, seed }: DecoderLayerOptions) {
    this.#attention =
      attention.kind === 'printed'
        ? undefined
        : new ProjectedAttention({ dim, heads: attention.heads, seed: deriveSeed(seed, 'attention') });
    this.#feedForward = new FeedForward({ dim, seed: deriveSeed(seed, 'feedForward') });
    this.#norm = residual ? new LayerNorm({ dim }) : undefined;
    this.parameters = collectParameters({
      attention: this.#attention,
      feedForward: this.#feedForward,
      norm: this.#norm,
    });
  }

  /**
   * @param query `[B, 1, D]`
   * @returns `[B, 1, D]`
   */
  forward(query: Tensor, history: ReadableHistory): Tensor {
    const read = this.#attention?.forward(query, history) ?? attendHistory(query, history); // [B, 1, D]
    const next = this.#feedForward.forward(read); // [B, 1, D]
    return this.#norm === undefined ? next : this.#norm.forward(add(query, next));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
