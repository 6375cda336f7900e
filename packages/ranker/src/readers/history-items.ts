import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  gelu,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
} from '@sifaka/nn';
import { add, reshape, slice, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';

export interface HistoryItemsOptions {
  /** `D`: width of the history's vectors. */
  readonly dim: number;
  readonly maxLength: number;
  /** `d`: width of the vectors that `forward` returns. */
  readonly itemDim: number;
  readonly seed: number;
}

/**
 * LONGER's item inputs (arXiv 2505.04421): an item's vector and a learned vector of its position, through an MLP,
 * `gelu(e W₁ + b₁ + p_j) W₂ + b₂`.
 *
 * The paper adds the position before the MLP. Here it is added after the MLP's first product, `2d` wide: this expresses
 * as much, and is cheaper if `2d < D`. The paper also concatenates the time since each item. Callers do that
 * themselves.
 */
export class HistoryItems implements Module {
  readonly parameters: NamedParameters;
  readonly #expand: Linear;
  readonly #positions: Variable;
  readonly #contract: Linear;

  constructor({ dim, maxLength, itemDim, seed }: HistoryItemsOptions) {
    const hidden = 2 * itemDim;
    this.#expand = new Linear({ inputDim: dim, outputDim: hidden, seed: deriveSeed(seed, 'expand') });
    this.#positions = parameter(() => smallNormal([maxLength, hidden], deriveSeed(seed, 'places')));
    this.#contract = new Linear({ inputDim: hidden, outputDim: itemDim, seed: deriveSeed(seed, 'contract') });
    // Checkpoints call the positions `places`.
    this.parameters = collectParameters({ expand: this.#expand, places: this.#positions, contract: this.#contract });
  }

  /**
   * @param history `[B, L, D]`, most recent first
   * @returns `[B, L, d]`
   */
  forward(history: Tensor): Tensor {
    const length = history.shape[1]!;
    return tidy(() => {
      const hidden = this.#expand.forward(history); // [B, L, 2d]
      const width = hidden.shape[2]!;
      const positions = reshape(slice(this.#positions as Tensor, [0, 0], [length, width]), [1, length, width]);
      return this.#contract.forward(gelu(add(hidden, positions))); // [B, L, d]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
