import { add, concat, sqrt, square, sum, type Tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { assertNumber, assertWhole } from './assert-options.js';
import { engineKernel } from './engine-kernel.js';
import type { NamedParameters } from './module.js';
import { isDecayed, parameter } from './parameter.js';
import { assertShape } from './shape-error.js';
import { type Smoothing, type TrainedWeight, UpdateGroup } from './update-group.js';

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

/** What {@link AdamW} remembers. All are in the order of the parameters, without frozen ones. */
export interface AdamWState {
  /** `[P]`: number of updates of each parameter. A number alone: all had as many. */
  readonly updates: Int32Array | number;
  /** `[N]`: the moments of all weights, end to end. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
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
 * As in PyTorch, a parameter without a gradient keeps its value and its moments, and its number of updates stays. So
 * weights that a loss does not read are not decayed.
 *
 * The moments of weights that are updated together form one long vector. An update is one fused kernel if the engine
 * has it. Otherwise it is a dozen operations on that vector instead of a dozen per parameter.
 */
export class AdamW {
  readonly #smoothing: Smoothing;
  /** Those that are not frozen. */
  readonly #weights: readonly TrainedWeight[];
  /** `N` */
  readonly #size: number;
  #groups: readonly UpdateGroup[];

  /** @throws RangeError naming an option outside its range. */
  constructor(parameters: NamedParameters, options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
    const { group = (): ParameterGroup => ({}) } = options;
    assertNumber('AdamW', { beta1, beta2 }, { below: 1 });
    assertNumber('AdamW', { epsilon }, { above: true });
    assertNumber('AdamW', { weightDecay });
    this.#smoothing = { beta1, beta2, epsilon };
    this.#weights = [...parameters].flatMap(([path, variable]) => {
      const { learningRateScale: scale = 1, weightDecay: decay = weightDecay } = group(path);
      assertNumber('AdamW', { [`learningRateScale of ${path}`]: scale, [`weightDecay of ${path}`]: decay });
      return scale === 0 ? [] : [{ path, variable, scale, decay: isDecayed(variable) ? scale * decay : 0 }];
    });
    this.#size = this.#weights.reduce((total, { variable }) => total + variable.size, 0);
    this.#groups = [new UpdateGroup(this.#weights, this.#smoothing)];
  }

  /** Largest number of updates that a parameter had. */
  get updates(): number {
    return this.#groups.reduce((most, { updates }) => Math.max(most, updates), 0);
  }

  /**
   * Applies one update. Borrows the gradients.
   *
   * @param gradients by parameter path. A parameter without one stays as it is. Gradients of frozen parameters are
   *   ignored.
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
    for (const { path, variable } of this.#weights) {
      const gradient = gradients.get(path);
      if (gradient !== undefined) assertShape(`AdamW.apply: the gradient of ${path}`, gradient, variable.shape);
    }
    this.#groups = this.#groups.flatMap((group) => group.split((path) => gradients.has(path)));
    for (const group of this.#groups) {
      const ofGroup = group.weights.flatMap(({ path }) => gradients.get(path) ?? []);
      if (ofGroup.length > 0) group.update(ofGroup, { learningRate, gradientScale });
    }
  }

  /** State for a checkpoint: copies on the host. */
  state(): AdamWState & { readonly updates: Int32Array } {
    const firstMoment = new Float32Array(this.#size);
    const secondMoment = new Float32Array(this.#size);
    const updates = new Int32Array(this.#weights.length);
    const places = this.#places();
    for (const group of this.#groups) {
      const moments = group.read();
      let offset = 0;
      for (const weight of group.weights) {
        const { index, start } = places.get(weight)!;
        const end = offset + weight.variable.size;
        updates[index] = group.updates;
        if (moments !== undefined) {
          firstMoment.set(moments.first.subarray(offset, end), start);
          secondMoment.set(moments.second.subarray(offset, end), start);
        }
        offset = end;
      }
    }
    return { updates, firstMoment, secondMoment };
  }

  /**
   * Checks that a state fits.
   *
   * @throws RangeError if the model had another number of weights or parameters, or if a number of updates is not a
   *   whole number from 0.
   */
  assertFits({ updates, firstMoment, secondMoment }: AdamWState): void {
    for (const { length } of [firstMoment, secondMoment]) {
      if (length !== this.#size) {
        throw new RangeError(`AdamW.restore: expected moments of ${this.#size} weights, got ${length}`);
      }
    }
    if (typeof updates === 'number') assertWhole('AdamW.restore', { updates }, 0);
    else {
      if (updates.length !== this.#weights.length) {
        throw new RangeError(
          `AdamW.restore: expected updates of ${this.#weights.length} parameters, got ${updates.length}`,
        );
      }
      this.#weights.forEach(({ path }, i) => {
        assertWhole('AdamW.restore', { [`updates of ${path}`]: updates[i]! }, 0);
      });
    }
  }

  /**
   * Continues from a {@link state}.
   *
   * @throws RangeError as {@link assertFits}. Nothing is changed then.
   */
  restore(state: AdamWState): void {
    this.assertFits(state);
    const { updates, firstMoment, secondMoment } = state;
    this.dispose();
    const places = this.#places();
    const byCount = new Map<number, TrainedWeight[]>();
    this.#weights.forEach((weight, i) => {
      const count = typeof updates === 'number' ? updates : updates[i]!;
      const others = byCount.get(count);
      if (others === undefined) byCount.set(count, [weight]);
      else others.push(weight);
    });
    this.#groups = [...byCount].map(([count, weights]) => {
      const take = (all: Float32Array) =>
        parameter(() =>
          concat(
            weights.map((weight) => {
              const { start } = places.get(weight)!;
              return tensor1d(all.subarray(start, start + weight.variable.size));
            }),
          ),
        );
      const moments = count === 0 ? undefined : { first: take(firstMoment), second: take(secondMoment) };
      return new UpdateGroup(weights, this.#smoothing, count, moments);
    });
  }

  /** Disposes the moments. The parameters belong to their modules. */
  dispose(): void {
    for (const group of this.#groups) group.dispose();
  }

  /** Where each weight is in a {@link AdamWState}: its index, and the start of its moments. */
  #places(): ReadonlyMap<TrainedWeight, { readonly index: number; readonly start: number }> {
    let start = 0;
    return new Map(
      this.#weights.map((weight, index) => {
        const place = { index, start };
        start += weight.variable.size;
        return [weight, place] as const;
      }),
    );
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
