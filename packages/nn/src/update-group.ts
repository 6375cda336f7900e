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
  type Tensor,
  tensor1d,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { type EngineKernel, engineKernel } from './engine-kernel.js';
import { parameter } from './parameter.js';

/** A weight that {@link AdamW} trains. */
export interface TrainedWeight {
  readonly path: string;
  readonly variable: Variable;
  /** Multiplies the learning rate. */
  readonly scale: number;
  /** The weight decay times the scale. */
  readonly decay: number;
}

/** Numbers that hold for all steps. */
export interface Smoothing {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Numbers of one step. */
export interface StepScales {
  readonly learningRate: number;
  /** Multiplies all gradients. */
  readonly gradientScale: number;
}

/** The numbers of one update. */
interface Update {
  readonly clip: number;
  readonly epsilon: number;
  readonly learningRate: number;
  /** The learning rate times Adam's bias corrections. */
  readonly correctedRate: number;
}

/** Both moments of some weights end to end, `[N]` each. */
interface Moments {
  readonly first: Variable;
  readonly second: Variable;
}

/** One value for each weight of a variable, `[N]`. */
interface Spread {
  readonly scales: Variable;
  readonly decays: Variable;
}

/** Weights that had all their updates in the same steps, so that they share the bias corrections. */
export class UpdateGroup {
  readonly weights: readonly TrainedWeight[];
  readonly #smoothing: Smoothing;
  #updates: number;
  /** Undefined before the first update. */
  #moments: Moments | undefined;
  /** Created only if the engine has no fused kernel. */
  #spread: Spread | undefined;

  /** @param moments that the weights have after `updates` updates. The group owns them. */
  constructor(weights: readonly TrainedWeight[], smoothing: Smoothing, updates = 0, moments?: Moments) {
    this.weights = weights;
    this.#smoothing = smoothing;
    this.#updates = updates;
    this.#moments = moments;
  }

  /** Number of updates that each weight had. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * Divides the weights by whether they take part in an update.
   *
   * @returns this group if all or none do; otherwise two others, and this one is disposed.
   */
  split(takesPart: (path: string) => boolean): UpdateGroup[] {
    const parts = [true, false].map((wanted) => this.weights.filter(({ path }) => takesPart(path) === wanted));
    if (parts.some(({ length }) => length === 0)) return [this];
    const starts = new Map<TrainedWeight, number>();
    let offset = 0;
    for (const weight of this.weights) {
      starts.set(weight, offset);
      offset += weight.variable.size;
    }
    const divided = parts.map((part) => {
      const take = (all: Variable) =>
        parameter(() => concat(part.map((weight) => slice(all, starts.get(weight)!, weight.variable.size))));
      const moments = this.#moments && { first: take(this.#moments.first), second: take(this.#moments.second) };
      return new UpdateGroup(part, this.#smoothing, this.#updates, moments);
    });
    this.dispose();
    return divided;
  }

  /** Updates all weights. @param gradients one for each weight, borrowed */
  update(gradients: readonly Tensor[], { learningRate, gradientScale }: StepScales): void {
    const { beta1, beta2, epsilon } = this.#smoothing;
    const count = ++this.#updates;
    // m̂ / (√v̂ + ε), with both bias corrections folded into the rate and into ε.
    const correction = Math.sqrt(1 - beta2 ** count);
    const update = {
      clip: gradientScale,
      epsilon: epsilon * correction,
      learningRate,
      correctedRate: (learningRate * correction) / (1 - beta1 ** count),
    };
    const size = this.weights.reduce((total, { variable }) => total + variable.size, 0);
    this.#moments ??= { first: parameter(() => zeros([size])), second: parameter(() => zeros([size])) };
    const moments = this.#moments;
    tidy(() => {
      const weights = this.weights.map(({ variable }) => variable as Tensor);
      const fused = engineKernel('AdamW', [...weights, ...gradients]);
      const updated = fused
        ? this.#updateFused(fused, moments, gradients, update)
        : this.#updateComposed(moments, gradients, update);
      this.weights.forEach(({ variable }, i) => {
        variable.assign(updated[i]!);
      });
    });
  }

  /** Host copies of the moments, `[N]` each; undefined before the first update. */
  read(): { readonly first: Float32Array; readonly second: Float32Array } | undefined {
    const { first, second } = this.#moments ?? {};
    return first && { first: first.dataSync() as Float32Array, second: second!.dataSync() as Float32Array };
  }

  /** Disposes the moments. The weights belong to their modules. */
  dispose(): void {
    const held = [this.#moments?.first, this.#moments?.second, this.#spread?.scales, this.#spread?.decays];
    for (const each of held) if (each !== undefined && !each.isDisposed) each.dispose();
  }

  /** The fused kernel changes the moments in place, because nothing else reads them. */
  #updateFused(kernel: EngineKernel, moments: Moments, gradients: readonly Tensor[], update: Update): Tensor[] {
    const { beta1, beta2 } = this.#smoothing;
    const weights = this.weights.map(({ variable }) => variable as Tensor);
    return kernel([moments.first as Tensor, moments.second as Tensor, ...weights, ...gradients], {
      clip: update.clip,
      beta1,
      beta2,
      epsilon: update.epsilon,
      rates: this.weights.map(({ scale }) => scale * update.correctedRate),
      decays: this.weights.map(({ decay }) => decay * update.learningRate),
    });
  }

  #updateComposed(
    moments: Moments,
    gradients: readonly Tensor[],
    { clip, epsilon, learningRate, correctedRate }: Update,
  ): Tensor[] {
    const { beta1, beta2 } = this.#smoothing;
    this.#spread ??= this.#spreadOut();
    const flatGradient = mul(concat(gradients.map((gradient) => reshape(gradient, [-1]))), clip); // [N]
    const weight = concat(this.weights.map(({ variable }) => reshape(variable as Tensor, [-1]))); // [N]
    const m = add(mul(moments.first as Tensor, beta1), mul(flatGradient, 1 - beta1));
    const v = add(mul(moments.second as Tensor, beta2), mul(square(flatGradient), 1 - beta2));
    moments.first.assign(m);
    moments.second.assign(v);
    const direction = div(m, add(sqrt(v), epsilon));
    const move = mul(mul(direction, this.#spread.scales as Tensor), correctedRate);
    const decay = mul(mul(weight, this.#spread.decays as Tensor), learningRate);
    const updated = sub(sub(weight, move), decay); // [N]
    let offset = 0;
    return this.weights.map(({ variable: { size, shape } }) => {
      const part = reshape(slice(updated, offset, size), shape);
      offset += size;
      return part;
    });
  }

  /** Repeats each variable's scale and decay for each of its weights. */
  #spreadOut(): Spread {
    const size = this.weights.reduce((total, { variable }) => total + variable.size, 0);
    const repeat = (name: 'scale' | 'decay') => {
      const all = new Float32Array(size);
      let offset = 0;
      for (const weight of this.weights) {
        all.fill(weight[name], offset, offset + weight.variable.size);
        offset += weight.variable.size;
      }
      return parameter(() => tensor1d(all));
    };
    return { scales: repeat('scale'), decays: repeat('decay') };
  }
}
