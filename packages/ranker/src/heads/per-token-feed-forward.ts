import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  gelu,
  type Module,
  type NamedParameters,
  parameter,
  xavierUniform,
} from '@sifaka/nn';
import { add, matMul, type Tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';

export interface PerTokenFeedForwardOptions {
  /** `T`: number of feed-forward networks. */
  readonly tokens: number;
  /** `D`: width of a token. */
  readonly dim: number;
  /** Width of the hidden layer, in token widths. */
  readonly expansion: number;
  readonly seed: number;
}

/** One feed-forward network per token: `gelu(x W₁ + b₁) W₂ + b₂`. */
export class PerTokenFeedForward implements Module {
  readonly parameters: NamedParameters;
  readonly #expand: Variable;
  readonly #expandBias: Variable;
  readonly #contract: Variable;
  readonly #contractBias: Variable;

  constructor({ tokens, dim, expansion, seed }: PerTokenFeedForwardOptions) {
    this.#expand = parameter(() => xavierUniform([tokens, dim, expansion * dim], deriveSeed(seed, 'expand')));
    this.#expandBias = parameter(() => zeros([tokens, 1, expansion * dim]), { decay: false });
    this.#contract = parameter(() => xavierUniform([tokens, expansion * dim, dim], deriveSeed(seed, 'contract')));
    this.#contractBias = parameter(() => zeros([tokens, 1, dim]), { decay: false });
    this.parameters = collectParameters({
      expand: this.#expand,
      expandBias: this.#expandBias,
      contract: this.#contract,
      contractBias: this.#contractBias,
    });
  }

  /**
   * @param x `[T, B, D]`
   * @returns `[T, B, D]`
   */
  forward(x: Tensor): Tensor {
    return tidy(() => {
      const hidden = gelu(add(matMul(x, this.#expand as Tensor), this.#expandBias)); // [T, B, kD]
      return add(matMul(hidden, this.#contract as Tensor), this.#contractBias);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
