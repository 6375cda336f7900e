import {
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
  type HistoryReaderInputs,
  type HistoryReaderOptions,
} from './history-reader.js';

/**
 * How a decoder's query attends to the history: as the paper prints it, without projections or scale, or with learned `W_q`, `W_k`, `W_v`,
 * `W_o`, a scale of `1/√(dim / heads)` and `heads` heads, which must divide `dim`. The projected form is not in the paper.
 */
export type DecoderAttention = { readonly kind: 'printed' } | { readonly kind: 'projected'; readonly heads: number };

export interface HistoryDecoderOptions extends HistoryReaderOptions {
  /** Layers. Not stated in the paper; default 1. */
  readonly depth?: number;
  /** Adds each layer's input and normalises: `Q ← LN(Q + FFN(CrossAttention(Q)))`. Off in the paper as printed. Default true. */
  readonly residual?: boolean;
  /** Default `{ kind: 'printed' }`. */
  readonly attention?: DecoderAttention;
}

/**
 * LEMUR's decoder (arXiv 2511.10962, Fig. 2): the other features become a query token, which reads the history in a few layers:
 *
 * `Q_{i+1} = FFN(CrossAttention(Q_i, d_1 … d_N))`, `CrossAttention = Σ_j a_j d_j`, `a_j = softmax_j(Q_iᵀ d_j)`.
 *
 * As printed there are no projections and no scaling. Printed or projected, the cost is linear in the history: a layer reads it twice.
 */
export class HistoryDecoder implements HistoryReader {
  /** `dim` */
  readonly outputDim: number;
  readonly parameters: NamedParameters;
  readonly #options: HistoryReaderOptions;
  readonly #query: Linear;
  readonly #layers: readonly DecoderLayer[];

  /** @throws RangeError if there is no group, or one without a width, or if `heads` does not divide `dim`. */
  constructor(options: HistoryDecoderOptions) {
    const { groups, dim, depth = 1, residual = true, attention = { kind: 'printed' }, seed } = options;
    assertGroups('HistoryDecoder', groups);
    if (attention.kind === 'projected') assertHeads(attention.heads, dim);
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
   * A row with an empty history reads zeros.
   *
   * @returns `[B, dim]`
   * @throws {@link ShapeError} naming the group or argument that is missing or whose width, length or batch differs.
   */
  forward(inputs: HistoryReaderInputs): Tensor {
    const features = assertReaderInputs('HistoryDecoder.forward', this.#options, inputs);
    const { history, mask } = inputs;
    const [batch, length, dim] = history.shape as [number, number, number];
    return tidy(() => {
      const known = reshape(mask, [batch, 1, length]);
      const readable = { items: history, mask: known, bias: mul(add(known, -1), 1e9) };
      const joined = features.length === 1 ? features[0]! : concat(features, 1); // [B, Σ width]
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

  forward(query: Tensor, history: ReadableHistory): Tensor {
    const read = this.#attention?.forward(query, history) ?? attendHistory(query, history); // [B, 1, D]
    const answer = this.#feedForward.forward(read); // [B, 1, D]
    return this.#norm === undefined ? answer : this.#norm.forward(add(query, answer));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

function assertHeads(heads: number, dim: number): void {
  if (Number.isInteger(heads) && heads > 0 && dim % heads === 0) return;
  throw new RangeError(`HistoryDecoder: expected heads to divide dim ${dim}, got ${heads}`);
}
