import { collectParameters, disposeParameters, type Module, type NamedParameters, parameter } from '@sifaka/nn';
import {
  add,
  mul,
  neg,
  ones,
  relu,
  sigmoid,
  sub,
  type Tensor,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';

/** The activation between the layers of an {@link ActivationUnit}. */
export type UnitActivation =
  /** `max(0, s) + α min(0, s)` with one learned `α` per channel, which starts at 0.25 (He et al., 2015). */
  | { readonly kind: 'prelu' }
  /**
   * DIN's `p(s) s + (1 − p(s)) α s` with a learned `α` per channel, which starts at 0. In the paper, `p(s) =
   * σ((s − E[s]) / √(Var[s] + ε))` has the mean and variance of the batch in training, and constants in serving. Here
   * they are learned: `p(s) = σ(γ (s − μ))`, where `γ` starts at 1 and `μ` at 0. So a row does not depend on the other
   * rows, training equals serving, and a checkpoint of the weights is complete.
   */
  | { readonly kind: 'dice' }
  /** `σ(s)`, as in the authors' code. */
  | { readonly kind: 'sigmoid' };

/** One activation with weights of its own. */
export interface Activation extends Module {
  /**
   * @param x `[..., width]`
   * @returns the same shape
   */
  forward(x: Tensor): Tensor;
}

export function makeActivation({ kind }: UnitActivation, width: number): Activation {
  if (kind === 'prelu') return new PRelu(width);
  return kind === 'dice' ? new Dice(width) : SIGMOID;
}

const SIGMOID: Activation = { parameters: new Map(), forward: sigmoid, dispose: () => {} };

class PRelu implements Activation {
  readonly parameters: NamedParameters;
  /** `α`, `[width]` */
  readonly #slope: Variable;

  constructor(width: number) {
    this.#slope = parameter(() => mul(ones([width]), 0.25));
    this.parameters = collectParameters({ slope: this.#slope });
  }

  forward(x: Tensor): Tensor {
    // Not TensorFlow.js's `prelu`: on wasm it keeps the slopes of its first call, so that it would never learn.
    return tidy(() => sub(relu(x), mul(relu(neg(x)), this.#slope)));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

class Dice implements Activation {
  readonly parameters: NamedParameters;
  /** `α`, `μ` and `γ`, `[width]` each. */
  readonly #slope: Variable;
  readonly #centre: Variable;
  readonly #steepness: Variable;

  constructor(width: number) {
    this.#slope = parameter(() => zeros([width]));
    this.#centre = parameter(() => zeros([width]));
    this.#steepness = parameter(() => ones([width]));
    this.parameters = collectParameters({ slope: this.#slope, centre: this.#centre, steepness: this.#steepness });
  }

  forward(x: Tensor): Tensor {
    return tidy(() => {
      const p = sigmoid(mul(sub(x, this.#centre), this.#steepness));
      return mul(x, add(this.#slope, mul(p, sub(1, this.#slope))));
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
