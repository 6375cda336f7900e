import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { add, matMul, mul, reshape, softmax, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';

/** What all layers of a decoder read. */
export interface ReadableHistory {
  /** `[B, L, D]` */
  readonly items: Tensor;
  /** `[B, 1, L]`: 1 where there is an item */
  readonly mask: Tensor;
  /** `[B, 1, L]`: 0 where there is an item, −10⁹ elsewhere */
  readonly bias: Tensor;
}

/**
 * `Σ_j a_j d_j`, `a_j = softmax_j(Qᵀ d_j · scale)`: LEMUR's cross-attention as printed, where the scale is 1. Each query costs two products
 * with the history, which is neither copied nor projected. An empty history reads zeros.
 *
 * @param queries `[B, H, D]`
 * @returns `[B, H, D]`
 */
export function attendHistory(queries: Tensor, { items, mask, bias }: ReadableHistory, scale = 1): Tensor {
  return tidy(() => {
    const logits = matMul(scale === 1 ? queries : mul(queries, scale), items, false, true); // [B, H, L]
    const weights = mul(softmax(add(logits, bias)), mask); // all 0 in an empty row
    return matMul(weights, items); // [B, H, D]
  });
}

export interface ProjectedAttentionOptions {
  readonly dim: number;
  /** Must divide `dim`. */
  readonly heads: number;
  readonly seed: number;
}

/**
 * Multi-head cross-attention (Vaswani et al., 2017) of one query per row: `W_q`, `W_k`, `W_v`, `W_o` and a scale of `1/√(D / heads)`.
 *
 * With one query it is cheaper to carry the query through `W_kᵀ`, and what was read through `W_v`, than to project the history:
 * `(W_q q)ᵀ (W_k d) = (W_kᵀ W_q q)ᵀ d`. The values are the same. Keys have no bias, because softmax would cancel it, and values
 * none, because that of the output does the same.
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

  /** @param query `[B, 1, D]` @returns `[B, 1, D]` */
  forward(query: Tensor, history: ReadableHistory): Tensor {
    const [dim, heads] = [this.#dim, this.#heads];
    const width = dim / heads;
    const batch = query.shape[0]!;
    return tidy(() => {
      const asked = reshape(this.#query.forward(query), [batch, heads, width]);
      const keys = transpose(reshape(this.#key.weight as Tensor, [dim, heads, width]), [1, 2, 0]); // [H, D/H, D]
      const asking = transpose(matMul(transpose(asked, [1, 0, 2]), keys), [1, 0, 2]); // [B, H, D]
      const read = attendHistory(asking, history, 1 / Math.sqrt(width)); // [B, H, D]
      const values = transpose(reshape(this.#value.weight as Tensor, [dim, heads, width]), [1, 0, 2]); // [H, D, D/H]
      const answers = transpose(matMul(transpose(read, [1, 0, 2]), values), [1, 0, 2]); // [B, H, D/H]
      return this.#output.forward(reshape(answers, [batch, 1, dim]));
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
