import {
  collectParameters,
  disposeParameters,
  LayerNorm,
  type Module,
  type NamedParameters,
  ShapeError,
} from '@sifaka/nn';
import { add, reshape, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { type ExpertsOutput, PerTokenExperts } from './per-token-experts.js';
import { PerTokenFeedForward } from './per-token-feed-forward.js';

/**
 * Feed-forward networks of a RankMixer block, per token: one dense network, or a sparse mixture of experts, each as wide as the dense
 * network that they replace.
 */
export type MixerFeedForward =
  | { readonly kind: 'dense' }
  | {
      readonly kind: 'experts';
      /** Experts of each token. */
      readonly experts: number;
      /**
       * Two routers, a dense one for training and a sparse one for serving (DTSI), as in the paper. Default false: one router for both,
       * which served better at the same sparsity in a small comparison (README).
       */
      readonly denseTraining?: boolean;
      /** λ of `λ · L_reg`. Not stated in the paper. Default 0.01; with dense training, where only `mismatch` opposes it, 0.3. */
      readonly regularization?: number;
    };

export interface MixerBlockOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly expansion: number;
  readonly feedForward: MixerFeedForward;
  readonly seed: number;
}

/** What {@link PerTokenExperts} says, if there are experts, and the tokens. */
export interface MixerBlockOutput extends Partial<Omit<ExpertsOutput, 'output'>> {
  /** `[T, B, D]` */
  readonly tokens: Tensor;
}

/** `S = LN(TokenMixing(X) + X)`, `X' = LN(PFFN(S) + S)` (RankMixer, Eq. 1), where PFFN may be a mixture of experts. */
export class MixerBlock implements Module {
  readonly parameters: NamedParameters;
  readonly #mixingNorm: LayerNorm;
  readonly #feedForward: PerTokenFeedForward | PerTokenExperts;
  readonly #feedForwardNorm: LayerNorm;

  constructor({ tokens, dim, expansion, feedForward, seed }: MixerBlockOptions) {
    const options = { tokens, dim, expansion, seed };
    this.#mixingNorm = new LayerNorm({ dim });
    this.#feedForward =
      feedForward.kind === 'dense'
        ? new PerTokenFeedForward(options)
        : new PerTokenExperts({
            ...options,
            experts: feedForward.experts,
            denseTraining: feedForward.denseTraining ?? false,
          });
    this.#feedForwardNorm = new LayerNorm({ dim });
    this.parameters = collectParameters({
      mixingNorm: this.#mixingNorm,
      feedForward: this.#feedForward,
      feedForwardNorm: this.#feedForwardNorm,
    });
  }

  /** As served. @param x `[T, B, D]` @returns `[T, B, D]` */
  forward(x: Tensor): Tensor {
    return tidy(() => {
      const mixed = this.#mixingNorm.forward(add(mixTokens(x), x)); // [T, B, D]
      return this.#feedForwardNorm.forward(add(this.#feedForward.forward(mixed), mixed)); // [T, B, D]
    });
  }

  /** As trained. @param x `[T, B, D]` */
  forwardTraining(x: Tensor): MixerBlockOutput {
    const feedForward = this.#feedForward;
    if (feedForward instanceof PerTokenFeedForward) return { tokens: this.forward(x) };
    return tidy(() => {
      const mixed = this.#mixingNorm.forward(add(mixTokens(x), x)); // [T, B, D]
      const { output, ...rest } = feedForward.forwardTraining(mixed);
      return { tokens: this.#feedForwardNorm.forward(add(output, mixed)), ...rest };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * Parameter-free token mixing: each token is cut into `T` heads, and token `h` of the output lays head `h` of every token end to end.
 *
 * @param x `[T, B, D]`, `D` a multiple of `T`
 * @returns `[T, B, D]`
 */
export function mixTokens(x: Tensor): Tensor {
  const [tokens, batch, dim] = x.shape as [number, number, number];
  if (x.rank !== 3 || dim % tokens !== 0)
    throw new ShapeError('mixTokens', '[T, B, D] with D a multiple of T', x.shape);
  return tidy(() => {
    const heads = reshape(x, [tokens, batch, tokens, dim / tokens]); // [T, B, H, D/H]
    return reshape(transpose(heads, [2, 1, 0, 3]), [tokens, batch, dim]);
  });
}
