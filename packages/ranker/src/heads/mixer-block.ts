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

/** The feed-forward part of RankMixer's blocks, after the mixing. */
export type MixerFeedForward =
  /** One feed-forward network per token. */
  | { readonly kind: 'dense' }
  /** A sparse mixture of experts per token. Each expert is as wide as the dense network. */
  | {
      readonly kind: 'experts';
      /** Number of experts per token. */
      readonly experts: number;
      /**
       * Two routers, as in the paper: a dense one for training and a sparse one for serving (DTSI). Default false: one
       * router for both, which served better at equal sparsity in a small comparison (README).
       */
      readonly denseTraining?: boolean;
      /** λ of `λ · L_reg`. Not stated in the paper. Default 0.01, or 0.3 with `denseTraining`. */
      readonly regularization?: number;
    };

export interface MixerBlockOptions {
  readonly tokens: number;
  readonly dim: number;
  readonly expansion: number;
  readonly feedForward: MixerFeedForward;
  readonly seed: number;
}

/** Tokens, and the losses of {@link PerTokenExperts} if there are experts. */
export interface MixerBlockOutput extends Partial<Omit<ExpertsOutput, 'output'>> {
  /** `[T, B, D]` */
  readonly tokens: Tensor;
}

/** `S = LN(TokenMixing(X) + X)`, `X' = LN(PFFN(S) + S)` (RankMixer, Eq. 1). PFFN may be a mixture of experts. */
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

  /**
   * Block as served.
   *
   * @param x `[T, B, D]`
   * @returns `[T, B, D]`
   */
  forward(x: Tensor): Tensor {
    return tidy(() => {
      const mixed = this.#mixingNorm.forward(add(mixTokens(x), x)); // [T, B, D]
      return this.#feedForwardNorm.forward(add(this.#feedForward.forward(mixed), mixed)); // [T, B, D]
    });
  }

  /**
   * Block as trained.
   *
   * @param x `[T, B, D]`
   */
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
 * RankMixer's token mixing, which has no parameters. Each token is cut into `T` heads. Token `h` of the output is head
 * `h` of every token, concatenated.
 *
 * @param x `[T, B, D]`, `D` a multiple of `T`
 * @returns `[T, B, D]`
 * @throws {@link ShapeError} if `x` has another rank, or `D` is not a multiple of `T`.
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
