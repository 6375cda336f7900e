import { add, matMul, reshape, type Tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import { parameter, xavierUniform } from './initializers.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { ShapeError } from './shape-error.js';

export interface LinearOptions {
  /** Width of the last input axis. */
  readonly inputDim: number;
  /** Width of the last output axis. */
  readonly outputDim: number;
  readonly seed: number;
  /** Default true. */
  readonly bias?: boolean;
}

/** `x W + b` over the last axis. `W` is `[inputDim, outputDim]`, Xavier uniform at the start; `b` is zero. */
export class Linear implements Module {
  readonly weight: Variable;
  readonly bias: Variable | undefined;
  readonly parameters: NamedParameters;
  readonly #inputDim: number;
  readonly #outputDim: number;

  constructor({ inputDim, outputDim, seed, bias = true }: LinearOptions) {
    this.#inputDim = inputDim;
    this.#outputDim = outputDim;
    this.weight = parameter(() => xavierUniform([inputDim, outputDim], seed));
    this.bias = bias ? parameter(() => zeros([outputDim])) : undefined;
    this.parameters = collectParameters({ weight: this.weight, bias: this.bias });
  }

  /**
   * @param input `[..., inputDim]`
   * @returns `[..., outputDim]`
   * @throws {@link ShapeError} if the last axis differs.
   */
  forward(input: Tensor): Tensor {
    const leading = input.shape.slice(0, -1);
    if (input.shape.at(-1) !== this.#inputDim) {
      throw new ShapeError('Linear.forward', `[..., ${this.#inputDim}]`, input.shape);
    }
    return tidy(() => {
      // tfjs' matMul broadcasts forward but its gradient does not un-broadcast, so fold the leading axes.
      const flat = reshape(input, [-1, this.#inputDim]) as Tensor;
      const product = matMul(flat, this.weight as Tensor);
      const output = this.bias === undefined ? product : add(product, this.bias);
      return reshape(output, [...leading, this.#outputDim]);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
