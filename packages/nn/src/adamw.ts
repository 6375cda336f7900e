import {
  add,
  concat,
  div,
  mul,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  type Variable,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { parameter } from './initializers.js';
import type { NamedParameters } from './module.js';
import { assertShape } from './shape-error.js';

export interface AdamWOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled decay, applied to variables of rank 2 and more (not to biases and norms). Default 0.01. */
  readonly weightDecay?: number;
  /** Multiplies the step's learning rate for a parameter by its path; 0 freezes it. Default: 1 for all. */
  readonly learningRateScale?: (path: string) => number;
}

/**
 * AdamW (Loshchilov and Hutter, 2019) over all dense weights at once: gradients, weights and moments are laid end to end, so an
 * update is a dozen kernels on one long vector instead of a dozen per weight.
 *
 * Moments belong to paths, not to positions in a list, so a weight without a gradient in some step keeps its own.
 */
export class AdamW {
  readonly #parameters: NamedParameters;
  readonly #options: Required<Omit<AdamWOptions, 'learningRateScale'>>;
  readonly #size: number;
  /** `[N]` each. */
  readonly #firstMoment: Variable;
  readonly #secondMoment: Variable;
  readonly #rates: Variable;
  readonly #decays: Variable;
  #updates = 0;

  constructor(parameters: NamedParameters, options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, learningRateScale = () => 1 } = options;
    this.#parameters = parameters;
    this.#options = { beta1, beta2, epsilon, weightDecay };
    this.#size = [...parameters.values()].reduce((total, { size }) => total + size, 0);
    const rates = new Float32Array(this.#size);
    const decays = new Float32Array(this.#size);
    let offset = 0;
    for (const [path, variable] of parameters) {
      const rate = learningRateScale(path);
      rates.fill(rate, offset, offset + variable.size);
      decays.fill(variable.rank >= 2 ? rate * weightDecay : 0, offset, offset + variable.size);
      offset += variable.size;
    }
    this.#firstMoment = parameter(() => zeros([this.#size]));
    this.#secondMoment = parameter(() => zeros([this.#size]));
    this.#rates = parameter(() => tensor1d(rates));
    this.#decays = parameter(() => tensor1d(decays));
  }

  /** How many updates were applied. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * One update. Borrows the gradients.
   *
   * @param gradients by the path of the parameter; a missing path is a gradient of zero.
   * @param options.learningRate of this step, before each parameter's scale.
   * @param options.gradientScale multiplies all gradients (clipping). Default 1.
   * @throws ShapeError naming the path if a gradient has another shape than its parameter. Nothing is changed then.
   */
  apply(
    gradients: ReadonlyMap<string, Tensor>,
    { learningRate, gradientScale = 1 }: { readonly learningRate: number; readonly gradientScale?: number },
  ): void {
    if (this.#size === 0) return;
    const { beta1, beta2, epsilon } = this.#options;
    for (const [path, variable] of this.#parameters) {
      const gradient = gradients.get(path);
      if (gradient !== undefined) assertShape(`AdamW.apply: the gradient of ${path}`, gradient, variable.shape);
    }
    const count = ++this.#updates;
    tidy(() => {
      const slopes: Tensor[] = [];
      const weights: Tensor[] = [];
      for (const [path, variable] of this.#parameters) {
        slopes.push(reshape(gradients.get(path) ?? zerosLike(variable as Tensor), [-1]));
        weights.push(reshape(variable as Tensor, [-1]));
      }
      const slope = mul(concat(slopes), gradientScale); // [N]
      const weight = concat(weights); // [N]
      const m = add(mul(this.#firstMoment as Tensor, beta1), mul(slope, 1 - beta1));
      const v = add(mul(this.#secondMoment as Tensor, beta2), mul(square(slope), 1 - beta2));
      this.#firstMoment.assign(m);
      this.#secondMoment.assign(v);
      const scale = Math.sqrt(1 - beta2 ** count) / (1 - beta1 ** count);
      // m̂ / (√v̂ + ε), with both bias corrections folded into the step and into ε.
      const direction = div(m, add(sqrt(v), epsilon * Math.sqrt(1 - beta2 ** count)));
      const step = mul(mul(direction, this.#rates as Tensor), scale * learningRate);
      const decay = mul(mul(weight, this.#decays as Tensor), learningRate);
      const updated = sub(sub(weight, step), decay); // [N]
      let offset = 0;
      for (const variable of this.#parameters.values()) {
        variable.assign(reshape(slice(updated, offset, variable.size), variable.shape));
        offset += variable.size;
      }
    });
  }

  /** The moments, for a checkpoint: host copies of `[N]` each, in the order of the parameters. */
  state(): { readonly updates: number; readonly firstMoment: Float32Array; readonly secondMoment: Float32Array } {
    return {
      updates: this.#updates,
      firstMoment: Float32Array.from(this.#firstMoment.dataSync()),
      secondMoment: Float32Array.from(this.#secondMoment.dataSync()),
    };
  }

  /** Continues from a {@link state}. @throws RangeError if it belongs to a model of another size. */
  restore(state: ReturnType<AdamW['state']>): void {
    if (state.firstMoment.length !== this.#size || state.secondMoment.length !== this.#size) {
      throw new RangeError(`AdamW.restore: expected moments of ${this.#size} weights, got ${state.firstMoment.length}`);
    }
    this.#updates = state.updates;
    tidy(() => {
      this.#firstMoment.assign(tensor1d(state.firstMoment));
      this.#secondMoment.assign(tensor1d(state.secondMoment));
    });
  }

  /** Disposes the moments; the parameters belong to their modules. */
  dispose(): void {
    for (const held of [this.#firstMoment, this.#secondMoment, this.#rates, this.#decays]) {
      if (!held.isDisposed) held.dispose();
    }
  }
}

/** `√ Σ g²` over all gradients. @returns a number: reading it waits for the backward pass to end. */
export function globalNorm(gradients: Iterable<Tensor>): number {
  const norm = tidy(() => {
    let total: Tensor = zeros([]);
    for (const gradient of gradients) total = add(total, sum(square(gradient)));
    return sqrt(total);
  });
  const [value] = norm.dataSync();
  norm.dispose();
  return value!;
}
