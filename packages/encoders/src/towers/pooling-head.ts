import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { type Tensor, tanh, tidy } from '@tensorflow/tfjs-core';

export interface PoolingHeadOptions {
  readonly dim: number;
  /** Epsilon of a layer norm of the token. Default: there is none. */
  readonly normEpsilon?: number;
  /** A linear map after it. Default: there is none. */
  readonly output?: { readonly dim: number; readonly bias: boolean; readonly tanh: boolean };
  readonly seed: number;
}

/** What follows the token that stands for a whole input: a norm, a linear map and a hyperbolic tangent, if any. */
export class PoolingHead implements Module {
  /** Width of its output. */
  readonly pooledDim: number;
  readonly parameters: NamedParameters;
  readonly #norm: LayerNorm | undefined;
  readonly #output: Linear | undefined;
  readonly #tanh: boolean;

  constructor({ dim, normEpsilon, output, seed }: PoolingHeadOptions) {
    this.pooledDim = output?.dim ?? dim;
    this.#tanh = output?.tanh ?? false;
    this.#norm = normEpsilon === undefined ? undefined : new LayerNorm({ dim, epsilon: normEpsilon });
    this.#output =
      output &&
      new Linear({ inputDim: dim, outputDim: output.dim, bias: output.bias, seed: deriveSeed(seed, 'output') });
    this.parameters = collectParameters({ norm: this.#norm, output: this.#output });
  }

  /** @param token `[B, dim]` @returns `[B, pooledDim]` */
  forward(token: Tensor): Tensor {
    return tidy(() => {
      const normal = this.#norm?.forward(token) ?? token;
      const mapped = this.#output?.forward(normal) ?? normal;
      return this.#tanh ? tanh(mapped) : mapped.clone();
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
