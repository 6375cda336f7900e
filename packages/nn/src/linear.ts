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
import { type Columns, columnsOf } from './columns.js';
import { engineKernel } from './engine-kernel.js';
import { xavierUniform } from './initializers.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { parameter } from './parameter.js';
import { assertShape, ShapeError } from './shape-error.js';
import { stopGradient } from './stop-gradient.js';

export interface LinearOptions {
  /** Width of the last input axis. */
  readonly inputDim: number;
  /** Width of the last output axis. */
  readonly outputDim: number;
  readonly seed: number;
  /** Default true. */
  readonly bias?: boolean;
}

/** What is added to a {@link Linear}: its output is `x W + b + update`. */
export interface LinearUpdate {
  readonly parameters: NamedParameters;
  /** @param x `[..., inputDim]` @returns `[..., outputDim]`, or `[..., columns.count]` */
  forward(x: Tensor, columns?: Columns): Tensor;
  /** What it adds to the weight. @returns `[inputDim, outputDim]` */
  weight(): Tensor;
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
  /** Empty in a {@link frozenView}. */
  readonly parameters: NamedParameters;
  /** Whether this is a {@link frozenView}: its weights belong to another module and are constants here. */
  readonly isFrozen: boolean;
  /** Added to the output if there is one. {@link LowRankAdapter} sets and disposes it. */
  update: LinearUpdate | undefined;
  readonly #inputDim: number;

  /** @param base makes a {@link frozenView} of it instead of new weights. */
  constructor({ inputDim, outputDim, seed, bias = true }: LinearOptions, base?: Linear) {
    assertWhole('Linear', { inputDim, outputDim });
    assertSeed('Linear', seed);
    if (base !== undefined) assertShape('Linear: base', base.weight, [inputDim, outputDim]);
    this.#inputDim = inputDim;
    this.isFrozen = base !== undefined;
    this.weight = base?.weight ?? parameter(() => xavierUniform([inputDim, outputDim], seed));
    this.bias = base !== undefined ? base.bias : bias ? parameter(() => zeros([outputDim])) : undefined;
    this.parameters = collectParameters(base === undefined ? { weight: this.weight, bias: this.bias } : {});
  }

  /**
   * @param input `[..., inputDim]`
   * @param columns computes these columns of the output only. Default: all.
   * @returns `[..., outputDim]`, or `[..., columns.count]`
   * @throws {@link ShapeError} if the last axis differs, RangeError for columns that do not exist.
   */
  forward(input: Tensor, columns?: Columns): Tensor {
    if (input.shape.at(-1) !== this.#inputDim) {
      throw new ShapeError('Linear.forward', `[..., ${this.#inputDim}]`, input.shape);
    }
    return tidy(() => {
      const read = (variable: Variable) => columnsOf('Linear.forward', this.#read(variable), columns);
      const product = linear(input, read(this.weight), this.bias && read(this.bias));
      return this.update === undefined ? product : add(product, this.update.forward(input, columns));
    });
  }

  /**
   * The weight that {@link forward} multiplies by, with the low-rank update if there is one. Callers that do not
   * multiply by `forward` read the weight here, so that they can be adapted too.
   *
   * @returns `[inputDim, outputDim]`
   */
  effectiveWeight(): Tensor {
    return tidy(() => {
      const weight = this.#read(this.weight);
      return this.update === undefined ? weight.clone() : add(weight, this.update.weight());
    });
  }

  /**
   * A second module with the same weights, in which they are constants: no gradient reaches them through it, and its
   * `parameters` are empty. It follows the weights as they learn here. It does not share {@link update}, and can have
   * one of its own. Disposing it disposes nothing.
   */
  frozenView(): Linear {
    const [inputDim, outputDim] = this.weight.shape as [number, number];
    return new Linear({ inputDim, outputDim, seed: 0 }, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #read(variable: Variable): Tensor {
    return this.isFrozen ? stopGradient(variable) : variable;
  }
}
