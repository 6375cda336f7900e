import {
  add,
  matMul,
  registerGradient,
  reshape,
  sum,
  type Tensor,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { assertSeed, assertWhole } from './assert-options.js';
import { engineKernel } from './engine-kernel.js';
import { xavierUniform } from './initializers.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { parameter } from './parameter.js';
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

/** `x W + b` over the last axis. @param x `[..., K]` @param weight `[K, N]` @param bias `[N]` @returns `[..., N]` */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const kernel = engineKernel('Linear', [x, weight]);
  if (kernel !== undefined) return kernel({ x, weight, ...(bias && { bias }) })[0]!;
  return tidy(() => {
    // tfjs' matMul broadcasts forward but its gradient does not un-broadcast, so fold the leading axes.
    const product = matMul(rowsOf(x), weight);
    return reshape(bias === undefined ? product : add(product, bias), [...x.shape.slice(0, -1), weight.shape[1]!]);
  });
}

// A registered gradient, unlike a custom one, is computed per input and only if it is needed. The gradient of a first
// layer's input (pixels) would cost as much as the layer itself.
registerGradient({
  kernelName: 'Linear',
  inputsToSave: ['x', 'weight'],
  gradFunc: (upstream, saved) => {
    const [x, weight] = saved as [Tensor, Tensor];
    const dy = upstream as Tensor;
    return {
      x: () => reshape(matMul(rowsOf(dy), weight, false, true), x.shape),
      weight: () => matMul(rowsOf(x), rowsOf(dy), true, false),
      bias: () => sum(rowsOf(dy), 0),
    };
  },
});

/** Folds the leading axes into one. */
function rowsOf(x: Tensor): Tensor {
  return reshape(x, [-1, x.shape.at(-1)!]);
}

/** `x W + b` over the last axis. `W` is `[inputDim, outputDim]` and starts Xavier uniform; `b` starts at zero. */
export class Linear implements Module {
  readonly weight: Variable;
  readonly bias: Variable | undefined;
  readonly parameters: NamedParameters;
  readonly #inputDim: number;

  constructor({ inputDim, outputDim, seed, bias = true }: LinearOptions) {
    assertWhole('Linear', { inputDim, outputDim });
    assertSeed('Linear', seed);
    this.#inputDim = inputDim;
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
    if (input.shape.at(-1) !== this.#inputDim) {
      throw new ShapeError('Linear.forward', `[..., ${this.#inputDim}]`, input.shape);
    }
    return linear(input, this.weight, this.bias);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
