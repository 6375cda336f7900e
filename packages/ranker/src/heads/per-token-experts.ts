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
  readonly experts: number;
  readonly denseTraining: boolean;
  readonly seed: number;
}

export interface ExpertsOutput {
  /** `[T, B, D]` */
  readonly output: Tensor;
  /** `L_reg`: the serving gates, summed over tokens and experts, mean over rows. */
  readonly gateSum: Scalar;
  /** How far serving is from training: squared difference of their outputs, summed over tokens, mean over rows and width. */
  readonly mismatch?: Scalar;
  /** Share of the serving gates that are open. */
  readonly activeShare: Scalar;
}

/**
 * Sparse mixture of experts with an own set of experts per token (RankMixer, arXiv 2507.15551): `v_t = Σ_j G_tj · e_tj(s_t)`,
 * `G_tj = ReLU(h_t(s_t))_j`. A gate that is 0 switches its expert off, and each token decides how many it needs.
 *
 * With `denseTraining` two routers are learned: `h_train` gates what the task's loss sees, `h_infer` what is served (DTSI). The paper
 * says that both are updated and that `L_reg` is put on `h_infer` alone, not what else `h_infer` learns from. Ours: from the difference
 * between its mixture and that of `h_train`, so that it becomes a sparse code of what training computes. Neither term reaches further
 * than `h_infer`. Without `denseTraining` one router serves both, and `L_reg` reaches all that is before it.
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
    // The routers start equal: serving then starts where training does.
    const router = () => new PerTokenRouter({ tokens, dim, experts, seed: deriveSeed(seed, 'router') });
    this.#servingRouter = router();
    this.#trainingRouter = denseTraining ? router() : undefined;
    this.parameters = collectParameters({
      experts: this.#experts,
      servingRouter: this.#servingRouter,
      trainingRouter: this.#trainingRouter,
    });
  }

  /** As served. @param x `[T, B, D]` @returns `[T, B, D]` */
  forward(x: Tensor): Tensor {
    return tidy(() => mixture(this.#servingRouter.forward(x), this.#answers(x)));
  }

  /** As trained. @param x `[T, B, D]` */
  forwardTraining(x: Tensor): ExpertsOutput {
    return tidy(() => {
      const answers = this.#answers(x); // [T, E, B, D]
      const apart = this.#trainingRouter !== undefined;
      const gates = this.#servingRouter.forward(apart ? stopGradient(x) : x); // [T, B, E]
      const served = mixture(gates, apart ? stopGradient(answers) : answers); // [T, B, D]
      const gateSum = sum(mean(gates, 1)) as Scalar;
      const activeShare = mean(cast(greater(stopGradient(gates), 0), 'float32')) as Scalar;
      if (this.#trainingRouter === undefined) return { output: served, gateSum, activeShare };
      const output = mixture(this.#trainingRouter.forward(x), answers); // [T, B, D]
      const mismatch = sum(mean(square(sub(served, stopGradient(output))), [1, 2])) as Scalar;
      return { output, gateSum, mismatch, activeShare };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** What every expert says, whether asked or not. @returns `[T, E, B, D]` */
  #answers(x: Tensor): Tensor {
    const [tokens, batch, dim] = x.shape as [number, number, number];
    const experts = this.#numExperts;
    const each = tile(reshape(x, [tokens, 1, batch, dim]), [1, experts, 1, 1]);
    const answers = this.#experts.forward(reshape(each, [tokens * experts, batch, dim]));
    return reshape(answers, [tokens, experts, batch, dim]);
  }
}

/** `Σ_j G_j e_j`. @param gates `[T, B, E]` @param answers `[T, E, B, D]` @returns `[T, B, D]` */
function mixture(gates: Tensor, answers: Tensor): Tensor {
  const [tokens, experts, batch] = answers.shape as [number, number, number, number];
  const weights = reshape(transpose(gates, [0, 2, 1]), [tokens, experts, batch, 1]);
  return sum(mul(weights, answers), 1);
}

interface PerTokenRouterOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly experts: number;
  readonly seed: number;
}

/** `ReLU(x W + b)` with own weights for each token. */
class PerTokenRouter implements Module {
  readonly parameters: NamedParameters;
  readonly #weight: Variable;
  readonly #bias: Variable;

  constructor({ tokens, dim, experts, seed }: PerTokenRouterOptions) {
    this.#weight = parameter(() => xavierUniform([tokens, dim, experts], seed));
    this.#bias = parameter(() => zeros([tokens, 1, experts]));
    this.parameters = collectParameters({ weight: this.#weight, bias: this.#bias });
  }

  /** @param x `[T, B, D]` @returns `[T, B, E]`, none negative */
  forward(x: Tensor): Tensor {
    return tidy(() => relu(add(matMul(x, this.#weight as Tensor), this.#bias)));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
