import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, matMul, mul, reshape, softmax, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';

/** A history as all layers of a decoder read it. */
export interface ReadableHistory {
  /** `[B, L, D]` */
  readonly items: Tensor;
  /** `[B, 1, L]`: 1 for an item, 0 for padding. */
  readonly mask: Tensor;
  /** `[B, 1, L]`: 0 for an item, −10⁹ for padding. */
  readonly bias: Tensor;
}

/**
 * LEMUR's cross-attention (arXiv 2511.10962): `Σ_j a_j d_j`, `a_j = softmax_j(Qᵀ d_j · scale)`. As printed, the scale
 * is 1.
 *
 * A query costs two products with the history, which is neither copied nor projected. An empty history reads as zeros.
 *
 * Shapes: `B` batch, `H` heads, `L` history length, `D` width.
 *
 * @param queries `[B, H, D]`
 * @returns `[B, H, D]`
 */
export function attendHistory(queries: Tensor, { items, mask, bias }: ReadableHistory, scale = 1): Tensor {
  return tidy(() => {
    const logits = matMul(scale === 1 ? queries : mul(queries, scale), items, false, true); // [B, H, L]
    const weights = mul(softmax(add(logits, bias)), mask); // [B, H, L], all 0 in an empty row
    return matMul(weights, items); // [B, H, D]
  });
}

export interface ProjectedAttentionOptions {
  /** `D`: width of the query and of the history's vectors. */
  readonly dim: number;
  /** Must divide `dim`. */
  readonly heads: number;
  readonly seed: number;
}

/**
 * Multi-head cross-attention (Vaswani et al., 2017, arXiv 1706.03762) of one query per row, with `W_q`, `W_k`, `W_v`,
 * `W_o` and a scale of `1/√(D / heads)`.
 *
 * The history is not projected. With a single query it is cheaper to take the query through `W_kᵀ`, and the result
 * through `W_v`: `(W_q q)ᵀ (W_k d) = (W_kᵀ W_q q)ᵀ d`. Keys have no bias because softmax cancels it. Values have none
 * because the bias of the output does the same.
 */
export class ProjectedAttention implements Module {
  readonly parameters: NamedParameters;
  readonly #query: Linear;
  readonly #key: Linear;
  readonly #value: Linear;
  readonly #output: Linear;
  readonly #dim: number;
  readonly #heads: number;

  constructor({ dim, heads, seed }: ProjectedAttentionOptions) {
    this.#dim = dim;
    this.#heads = heads;
    const linear = (name: string, bias: boolean) =>
      new Linear({ inputDim: dim, outputDim: dim, bias, seed: deriveSeed(seed, name) });
    this.#query = linear('query', true);
    this.#key = linear('key', false);
    this.#value = linear('value', false);
    this.#output = linear('output', true);
    this.parameters = collectParameters({
      query: this.#query,
      key: this.#key,
      value: this.#value,
      output: this.#output,
    });
  }

  /**
   * @param query `[B, 1, D]`
   * @returns `[B, 1, D]`
   */
  forward(query: Tensor, history: ReadableHistory): Tensor {
    const [dim, heads] = [this.#dim, this.#heads];
    const width = dim / heads;
    const batch = query.shape[0]!;
    return tidy(() => {
      // Queries in the space of the history: W_kᵀ W_q q, per head.
      const projected = reshape(this.#query.forward(query), [batch, heads, width]);
      const keys = transpose(reshape(this.#key.effectiveWeight(), [dim, heads, width]), [1, 2, 0]); // [H, D/H, D]
      const queries = transpose(matMul(transpose(projected, [1, 0, 2]), keys), [1, 0, 2]); // [B, H, D]

      const read = attendHistory(queries, history, 1 / Math.sqrt(width)); // [B, H, D]

      const values = transpose(reshape(this.#value.effectiveWeight(), [dim, heads, width]), [1, 0, 2]); // [H, D, D/H]
      const joined = transpose(matMul(transpose(read, [1, 0, 2]), values), [1, 0, 2]); // [B, H, D/H]
      return this.#output.forward(reshape(joined, [batch, 1, dim]));
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
