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

export interface SequenceItemsOptions {
  /** Width of the history's vectors. */
  readonly dim: number;
  readonly maxLength: number;
  /** Width `d` of what comes out. */
  readonly itemDim: number;
  readonly seed: number;
}

/**
 * LONGER's input of a sequence: a learned place is added to each item and an MLP makes it a token. Here the place is added behind the MLP's
 * first product, `gelu(e W₁ + b₁ + p_j) W₂ + b₂`, which says the same and costs less, because that is narrower than the item.
 *
 * The time since an item, which the paper lays beside its vector, is the caller's to lay there.
 */
export class SequenceItems implements Module {
  readonly parameters: NamedParameters;
  readonly #expand: Linear;
  readonly #places: Variable;
  readonly #contract: Linear;

  constructor({ dim, maxLength, itemDim, seed }: SequenceItemsOptions) {
    const hidden = 2 * itemDim;
    this.#expand = new Linear({ inputDim: dim, outputDim: hidden, seed: deriveSeed(seed, 'expand') });
    this.#places = parameter(() => smallNormal([maxLength, hidden], deriveSeed(seed, 'places')));
    this.#contract = new Linear({ inputDim: hidden, outputDim: itemDim, seed: deriveSeed(seed, 'contract') });
    this.parameters = collectParameters({ expand: this.#expand, places: this.#places, contract: this.#contract });
  }

  /** @param sequence `[B, L, dim]`, most recent first @returns `[B, L, d]` */
  forward(sequence: Tensor): Tensor {
    const length = sequence.shape[1]!;
    return tidy(() => {
      const hidden = this.#expand.forward(sequence); // [B, L, 2d]
      const width = hidden.shape[2]!;
      const places = reshape(slice(this.#places as Tensor, [0, 0], [length, width]), [1, length, width]);
      return this.#contract.forward(gelu(add(hidden, places))); // [B, L, d]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
