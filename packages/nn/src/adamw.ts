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
import { assertNumber, assertWhole } from './assert-options.js';
import { type EngineKernel, engineKernel } from './engine-kernel.js';
import type { NamedParameters } from './module.js';
import { isDecayed, parameter } from './parameter.js';
import { assertShape } from './shape-error.js';

export interface AdamWOptions {
  /** In [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** In [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Above 0. Default 1e-8. */
  readonly epsilon?: number;
  /** `λ`, the decoupled decay of matrices and embeddings; see {@link AdamW}. Default 0.01. */
  readonly weightDecay?: number;
  /** The group of a parameter by its path. Default: all are in one group, `{}`. */
  readonly group?: (path: string) => ParameterGroup;
}

/** Settings of some of the parameters. */
export interface ParameterGroup {
  /**
   * Multiplies the step's learning rate. 0 freezes a parameter: it has no moments and is never changed. Default 1.
   */
  readonly learningRateScale?: number;
  /** `λ` of this group. Biases and norms are not decayed here either. Default: the optimizer's. */
  readonly weightDecay?: number;
}

/** The numbers of one update. */
interface Step {
  /** Multiplies all gradients. */
  readonly clip: number;
  readonly epsilon: number;
  readonly learningRate: number;
  /** The learning rate times Adam's bias corrections. */
  readonly correctedRate: number;
}

/**
 * AdamW (Loshchilov and Hutter, 2019) over all dense weights at once: `θ ← θ − η s (m̂ / (√v̂ + ε) + λ θ)` with the
 * step's learning rate `η`, and the `learningRateScale` `s` and weight decay `λ` of the parameter's group.
 *
 * Matrices and embeddings are decayed; biases and norms have `λ = 0`, as in BERT and GPT. That is: a parameter is
 * decayed if its rank is 2 or more, unless `parameter(…, { decay })` says otherwise. So biases of rank 2 and more say
 * `decay: false`, and learned vectors of rank 2 (embeddings of words, positions and types, learned queries and tokens)
 * are decayed. Rows of an {@link EmbeddingTable} have a decay of their own.
 *
 * The moments of all weights form one long vector. An update is one fused kernel if the engine has it. Otherwise it is
 * a dozen operations on that vector instead of a dozen per parameter.
 */
export class AdamW {
  /** Those that are not frozen. */
  readonly #parameters: NamedParameters;
  readonly #options: Required<Omit<AdamWOptions, 'group' | 'weightDecay'>>;
  readonly #size: number;
  /** `[N]` each. */
  readonly #firstMoment: Variable;
  readonly #secondMoment: Variable;
  /** One learning rate scale and one weight decay, scaled, per parameter. */
  readonly #scales: readonly number[];
  readonly #decays: readonly number[];
  /** The same values repeated for each weight, `[N]`. Created only if the engine has no fused kernel. */
  #flat: { readonly scales: Variable; readonly decays: Variable } | undefined;
  #updates = 0;

  /** @throws RangeError naming an option outside its range. */
  constructor(parameters: NamedParameters, options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
    const { group = (): ParameterGroup => ({}) } = options;
    assertNumber('AdamW', { beta1, beta2 }, { below: 1 });
    assertNumber('AdamW', { epsilon }, { above: true });
    assertNumber('AdamW', { weightDecay });
    this.#options = { beta1, beta2, epsilon };
    const trained = [...parameters].flatMap(([path, variable]) => {
      const { learningRateScale: scale = 1, weightDecay: decay = weightDecay } = group(path);
      assertNumber('AdamW', { [`learningRateScale of ${path}`]: scale, [`weightDecay of ${path}`]: decay });
      return scale === 0 ? [] : [{ path, variable, scale, decay: isDecayed(variable) ? scale * decay : 0 }];
    });
    this.#parameters = new Map(trained.map(({ path, variable }) => [path, variable]));
    this.#size = trained.reduce((total, { variable }) => total + variable.size, 0);
    this.#scales = trained.map(({ scale }) => scale);
    this.#decays = trained.map(({ decay }) => decay);
    this.#firstMoment = parameter(() => zeros([this.#size]));
    this.#secondMoment = parameter(() => zeros([this.#size]));
  }

  /** Number of updates applied. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * Applies one update. Borrows the gradients.
   *
   * @param gradients by parameter path. A missing path counts as a gradient of zero, so momentum and weight decay still
   *   move its weights. Gradients of frozen parameters are ignored.
   * @param options.learningRate of this step, before each group's scale. The caller computes it, for example with
   *   {@link warmupCosine}.
   * @param options.gradientScale multiplies all gradients (clipping). Default 1.
   * @throws ShapeError naming the path if a gradient does not have the shape of its parameter, RangeError for a
   *   negative or infinite rate or scale. Nothing is changed then.
   */
  apply(
    gradients: ReadonlyMap<string, Tensor>,
    { learningRate, gradientScale = 1 }: { readonly learningRate: number; readonly gradientScale?: number },
  ): void {
    assertNumber('AdamW.apply', { learningRate, gradientScale });
    if (this.#size === 0) return;
    for (const [path, variable] of this.#parameters) {
      const gradient = gradients.get(path);
      if (gradient !== undefined) assertShape(`AdamW.apply: the gradient of ${path}`, gradient, variable.shape);
    }
    const { beta1, beta2, epsilon } = this.#options;
    const count = ++this.#updates;
    // m̂ / (√v̂ + ε), with both bias corrections folded into the rate and into ε.
    const correction = Math.sqrt(1 - beta2 ** count);
    const step = {
      clip: gradientScale,
      epsilon: epsilon * correction,
      learningRate,
      correctedRate: (learningRate * correction) / (1 - beta1 ** count),
    };
    tidy(() => {
      const weights = [...this.#parameters.values()] as Tensor[];
      const gradientList = [...this.#parameters].map(
        ([path, variable]) => gradients.get(path) ?? zerosLike(variable as Tensor),
      );
      const fused = engineKernel('AdamW', [...weights, ...gradientList]);
      const updated = fused
        ? this.#updateFused(fused, weights, gradientList, step)
        : this.#updateComposed(weights, gradientList, step);
      let i = 0;
      for (const variable of this.#parameters.values()) variable.assign(updated[i++]!);
    });
  }

  /** The fused kernel changes the moments in place, because nothing else reads them. */
  #updateFused(kernel: EngineKernel, weights: Tensor[], gradients: Tensor[], step: Step): Tensor[] {
    return kernel([this.#firstMoment as Tensor, this.#secondMoment as Tensor, ...weights, ...gradients], {
      clip: step.clip,
      beta1: this.#options.beta1,
      beta2: this.#options.beta2,
      epsilon: step.epsilon,
      rates: this.#scales.map((scale) => scale * step.correctedRate),
      decays: this.#decays.map((decay) => decay * step.learningRate),
    });
  }

  #updateComposed(
    weights: Tensor[],
    gradients: Tensor[],
    { clip, epsilon, learningRate, correctedRate }: Step,
  ): Tensor[] {
    const { beta1, beta2 } = this.#options;
    this.#flat ??= this.#flatten();
    const flatGradient = mul(concat(gradients.map((gradient) => reshape(gradient, [-1]))), clip); // [N]
    const weight = concat(weights.map((each) => reshape(each, [-1]))); // [N]
    const m = add(mul(this.#firstMoment as Tensor, beta1), mul(flatGradient, 1 - beta1));
    const v = add(mul(this.#secondMoment as Tensor, beta2), mul(square(flatGradient), 1 - beta2));
    this.#firstMoment.assign(m);
    this.#secondMoment.assign(v);
    const direction = div(m, add(sqrt(v), epsilon));
    const move = mul(mul(direction, this.#flat.scales as Tensor), correctedRate);
    const decay = mul(mul(weight, this.#flat.decays as Tensor), learningRate);
    const updated = sub(sub(weight, move), decay); // [N]
    let offset = 0;
    return weights.map(({ size, shape }) => {
      const part = reshape(slice(updated, offset, size), shape);
      offset += size;
      return part;
    });
  }

  /** Repeats each parameter's scale and decay for each of its weights. */
  #flatten(): { readonly scales: Variable; readonly decays: Variable } {
    const spread = (values: readonly number[]): Float32Array => {
      const all = new Float32Array(this.#size);
      let offset = 0;
      [...this.#parameters.values()].forEach(({ size }, i) => {
        all.fill(values[i]!, offset, offset + size);
        offset += size;
      });
      return all;
    };
    return {
      scales: parameter(() => tensor1d(spread(this.#scales))),
      decays: parameter(() => tensor1d(spread(this.#decays))),
    };
  }

  /** State for a checkpoint: host copies of the moments, `[N]` each, in parameter order, without frozen ones. */
  state(): { readonly updates: number; readonly firstMoment: Float32Array; readonly secondMoment: Float32Array } {
    return {
      updates: this.#updates,
      firstMoment: Float32Array.from(this.#firstMoment.dataSync()),
      secondMoment: Float32Array.from(this.#secondMoment.dataSync()),
    };
  }

  /**
   * Continues from a {@link state}.
   *
   * @throws RangeError if the model had another number of weights, or if the number of updates is not a whole number.
   */
  restore(state: ReturnType<AdamW['state']>): void {
    for (const { length } of [state.firstMoment, state.secondMoment]) {
      if (length !== this.#size) {
        throw new RangeError(`AdamW.restore: expected moments of ${this.#size} weights, got ${length}`);
      }
    }
    assertWhole('AdamW.restore', { updates: state.updates }, 0);
    this.#updates = state.updates;
    tidy(() => {
      this.#firstMoment.assign(tensor1d(state.firstMoment));
      this.#secondMoment.assign(tensor1d(state.secondMoment));
    });
  }

  /** Disposes the moments. The parameters belong to their modules. */
  dispose(): void {
    for (const held of [this.#firstMoment, this.#secondMoment, this.#flat?.scales, this.#flat?.decays]) {
      if (held !== undefined && !held.isDisposed) held.dispose();
    }
  }
}

/** `√ Σ g²` over all gradients. Reads the result from the engine, so it waits for the backward pass to finish. */
export function globalNorm(gradients: Iterable<Tensor>): number {
  const list = [...gradients];
  const norm = tidy(() => {
    const fused = engineKernel('GlobalNorm', list);
    return fused ? fused(list)[0]! : sqrt(addAll(list.map((gradient) => sum(square(gradient)))));
  });
  const [value] = norm.dataSync();
  norm.dispose();
  return value!;
}

function addAll(scalars: readonly Tensor[]): Tensor {
  return scalars.reduce((total, scalar) => add(total, scalar), zeros([]) as Tensor);
}
