import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  parameter,
  stopGradient,
  xavierUniform,
} from '@sifaka/nn';
import {
  add,
  cast,
  greater,
  matMul,
  mean,
  mul,
  relu,
  reshape,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
  tile,
  transpose,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { PerTokenFeedForward } from './per-token-feed-forward.js';

export interface PerTokenExpertsOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly expansion: number;
  /** Number of experts per token. */
  readonly experts: number;
  /** Two routers: one for training, one for serving. */
  readonly denseTraining: boolean;
  readonly seed: number;
}

/** The caller owns every tensor. */
export interface ExpertsOutput {
  /** `[T, B, D]` */
  readonly output: Tensor;
  /** `L_reg`: the serving gates, summed over tokens and experts and averaged over rows. */
  readonly gateSum: Scalar;
  /**
   * Squared difference between the outputs of serving and training, summed over tokens and averaged over rows and
   * width. Absent with one router.
   */
  readonly mismatch?: Scalar;
  /** Share of serving gates that are open. */
  readonly activeShare: Scalar;
}

/**
 * Sparse mixture of experts, with separate experts per token (RankMixer, arXiv 2507.15551):
 * `v_t = Σ_j G_tj · e_tj(s_t)`, `G_tj = ReLU(h_t(s_t))_j`. A gate of 0 switches its expert off, so each token decides
 * how many experts it uses.
 *
 * With `denseTraining` there are two routers (DTSI): the task's loss sees the gates of `h_train`, and `h_infer` serves.
 * The paper updates both and regularises only `h_infer` by `L_reg`. It does not say what else `h_infer` learns from.
 * Here it also learns to match the output of `h_train`; that term is not in the paper. Neither term has a gradient
 * beyond `h_infer`.
 *
 * Without `denseTraining` a single router trains and serves. `L_reg` then also reaches the layers before it.
 *
 * Shapes: `T` tokens, `E` experts per token, `B` batch, `D` token width.
 */
export class PerTokenExperts implements Module {
  readonly parameters: NamedParameters;
  readonly #experts: PerTokenFeedForward;
  readonly #servingRouter: PerTokenRouter;
  readonly #trainingRouter: PerTokenRouter | undefined;
  readonly #numExperts: number;

  constructor({ tokens, dim, expansion, experts, denseTraining, seed }: PerTokenExpertsOptions) {
    this.#numExperts = experts;
    const expertSeed = deriveSeed(seed, 'experts');
    this.#experts = new PerTokenFeedForward({ tokens: tokens * experts, dim, expansion, seed: expertSeed });
    // Both routers start equal, so that serving starts where training does.
    const router = () => new PerTokenRouter({ tokens, dim, experts, seed: deriveSeed(seed, 'router') });
    this.#servingRouter = router();
    this.#trainingRouter = denseTraining ? router() : undefined;
    this.parameters = collectParameters({
      experts: this.#experts,
      servingRouter: this.#servingRouter,
      trainingRouter: this.#trainingRouter,
    });
  }

  /**
   * Output as served.
   *
   * @param x `[T, B, D]`
   * @returns `[T, B, D]`
   */
  forward(x: Tensor): Tensor {
    return tidy(() => mixture(this.#servingRouter.forward(x), this.#expertOutputs(x)));
  }

  /**
   * Output as trained, and its losses.
   *
   * @param x `[T, B, D]`
   */
  forwardTraining(x: Tensor): ExpertsOutput {
    return tidy(() => {
      const outputs = this.#expertOutputs(x); // [T, E, B, D]
      const twoRouters = this.#trainingRouter !== undefined;
      const gates = this.#servingRouter.forward(twoRouters ? stopGradient(x) : x); // [T, B, E]
      const served = mixture(gates, twoRouters ? stopGradient(outputs) : outputs); // [T, B, D]
      const gateSum = sum(mean(gates, 1)) as Scalar;
      const activeShare = mean(cast(greater(stopGradient(gates), 0), 'float32')) as Scalar;
      if (this.#trainingRouter === undefined) return { output: served, gateSum, activeShare };
      const output = mixture(this.#trainingRouter.forward(x), outputs); // [T, B, D]
      const mismatch = sum(mean(square(sub(served, stopGradient(output))), [1, 2])) as Scalar;
      return { output, gateSum, mismatch, activeShare };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /**
   * Output of every expert, whether its gate is open or not.
   *
   * @returns `[T, E, B, D]`
   */
  #expertOutputs(x: Tensor): Tensor {
    const [tokens, batch, dim] = x.shape as [number, number, number];
    const experts = this.#numExperts;
    const each = tile(reshape(x, [tokens, 1, batch, dim]), [1, experts, 1, 1]);
    const outputs = this.#experts.forward(reshape(each, [tokens * experts, batch, dim]));
    return reshape(outputs, [tokens, experts, batch, dim]);
  }
}

/**
 * `Σ_j G_j e_j`
 *
 * @param gates `[T, B, E]`
 * @param outputs `[T, E, B, D]`
 * @returns `[T, B, D]`
 */
function mixture(gates: Tensor, outputs: Tensor): Tensor {
  const [tokens, experts, batch] = outputs.shape as [number, number, number, number];
  const weights = reshape(transpose(gates, [0, 2, 1]), [tokens, experts, batch, 1]);
  return sum(mul(weights, outputs), 1);
}

interface PerTokenRouterOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly experts: number;
  readonly seed: number;
}

/** `ReLU(x W + b)` with separate weights per token. */
class PerTokenRouter implements Module {
  readonly parameters: NamedParameters;
  readonly #weight: Variable;
  readonly #bias: Variable;

  constructor({ tokens, dim, experts, seed }: PerTokenRouterOptions) {
    this.#weight = parameter(() => xavierUniform([tokens, dim, experts], seed));
    this.#bias = parameter(() => zeros([tokens, 1, experts]), { decay: false });
    this.parameters = collectParameters({ weight: this.#weight, bias: this.#bias });
  }

  /**
   * @param x `[T, B, D]`
   * @returns gates `[T, B, E]`, not negative
   */
  forward(x: Tensor): Tensor {
    return tidy(() => relu(add(matMul(x, this.#weight as Tensor), this.#bias)));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
