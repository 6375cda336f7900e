import {
  assertChoice,
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
} from '@sifaka/nn';
import { mean, mul, reshape, type Scalar, stack, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import { CutTokens, type FeatureTokens, GroupTokens } from '../features/feature-tokens.js';
import { MixerBlock, type MixerBlockOutput, type MixerFeedForward } from './mixer-block.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface RankMixerOptions extends RankingHeadOptions {
  /**
   * `T`: cuts the concatenated groups into this many equal pieces, as in the paper. By default each group becomes one
   * token, whatever its width.
   */
  readonly tokens?: number;
  /** Width of a head. A token has `T` heads, so its width is `T · headDim`. Default 8. */
  readonly headDim?: number;
  /** Number of blocks. Default 2. */
  readonly depth?: number;
  /** Width of the hidden layers of the feed-forward networks, in token widths. Default 4. */
  readonly expansion?: number;
  /** Default `{ kind: 'dense' }`. */
  readonly feedForward?: MixerFeedForward;
}

/**
 * RankMixer (arXiv 2507.15551): blocks of `S = LN(TokenMixing(X) + X)`, `X' = LN(PFFN(S) + S)`, then the mean over
 * tokens and a linear layer.
 *
 * Shapes: `B` batch, `T` tokens (= heads), `D` token width.
 */
export class RankMixer implements RankingHead {
  /** `D`: width of a token. */
  readonly tokenDim: number;
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #projection: FeatureTokens;
  readonly #blocks: readonly MixerBlock[];
  readonly #head: Linear;
  readonly #regularization: number;

  /** @throws RangeError if there are no groups, or an option is out of range. */
  constructor(options: RankMixerOptions) {
    const { groups, tokens, headDim = 8, depth = 2, expansion = 4, feedForward = { kind: 'dense' }, seed } = options;
    assertGroups('RankMixer', groups);
    if (tokens !== undefined) assertWhole('RankMixer', { tokens }, 1, totalWidth(groups));
    assertWhole('RankMixer', { headDim, depth });
    assertSeed('RankMixer', seed);
    const count = tokens ?? Object.keys(groups).length;
    this.tokenDim = count * headDim;
    assertExpansion(expansion, this.tokenDim);
    assertFeedForward(feedForward);
    this.#groups = groups;
    this.#regularization = regularizationOf(feedForward);
    const projection = { groups, dim: this.tokenDim, seed };
    this.#projection = tokens === undefined ? new GroupTokens(projection) : new CutTokens({ ...projection, tokens });
    const block = { tokens: count, dim: this.tokenDim, expansion, feedForward };
    this.#blocks = Array.from(
      { length: depth },
      (_, i) => new MixerBlock({ ...block, seed: deriveSeed(seed, 'blocks', i) }),
    );
    this.#head = new Linear({ inputDim: this.tokenDim, outputDim: 1, seed: deriveSeed(seed, 'head') });
    this.parameters = collectParameters({ projection: this.#projection, blocks: this.#blocks, head: this.#head });
  }

  /**
   * Scores as served. Experts are gated by the serving router.
   *
   * @param features by group name, `[B, width]` each.
   * @returns logits `[B]`
   * @throws {@link ShapeError} naming the group that is missing or has the wrong shape.
   */
  forward(features: Features): Tensor {
    const parts = featuresInOrder('RankMixer.forward', this.#groups, features);
    return tidy(() => {
      let x = this.#projection.forward(parts); // [T, B, D]
      for (const block of this.#blocks) x = block.forward(x);
      return this.#logits(x);
    });
  }

  /**
   * Scores as trained. Without experts this equals `forward`. With experts, `auxiliaryLoss` is `Σ λ · L_reg + mismatch`
   * over the blocks. It keeps the serving gates sparse and, with `denseTraining`, close to training.
   *
   * @param options.regularization λ of this step. By default the one of `feedForward`. See {@link nextRegularization}.
   * @throws {@link ShapeError} as `forward` does, RangeError for a negative or infinite λ.
   */
  forwardTraining(features: Features, options: { readonly regularization?: number } = {}): RankingOutput {
    const parts = featuresInOrder('RankMixer.forwardTraining', this.#groups, features);
    const regularization = options.regularization ?? this.#regularization;
    assertNumber('RankMixer.forwardTraining', { regularization });
    return tidy(() => {
      let x = this.#projection.forward(parts); // [T, B, D]
      const outputs = this.#blocks.map((block) => {
        const output = block.forwardTraining(x);
        x = output.tokens;
        return output;
      });
      return { logits: this.#logits(x), ...auxiliary(outputs, regularization) };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #logits(x: Tensor): Tensor {
    return reshape(this.#head.forward(mean(x, 0)), [-1]); // [B]
  }
}

/**
 * Returns λ for the next step, so that the share of active experts stays near a budget:
 * `λ · 1.2^sign(activeShare − budget)` (ReMoE, arXiv 2412.14711). RankMixer does not say how it adapts λ.
 *
 * @param regularization λ of this step
 * @param activeShare share of active experts in this step, see {@link RankingOutput}
 * @param budget wanted share, from 0 to 1
 * @throws RangeError for a negative or infinite λ, or a share outside [0, 1].
 */
export function nextRegularization(regularization: number, activeShare: number, budget: number): number {
  assertNumber('nextRegularization', { regularization });
  assertNumber('nextRegularization', { activeShare, budget }, { to: 1 });
  return regularization * 1.2 ** Math.sign(activeShare - budget);
}

function regularizationOf(feedForward: MixerFeedForward): number {
  if (feedForward.kind === 'dense') return 0;
  return feedForward.regularization ?? (feedForward.denseTraining ? 0.3 : 0.01);
}

/** Sums the losses of the blocks and averages their shares. */
function auxiliary(
  outputs: readonly MixerBlockOutput[],
  regularization: number,
): Pick<RankingOutput, 'auxiliaryLoss' | 'activeShare'> {
  const losses: Scalar[] = [];
  const shares: Scalar[] = [];
  for (const { gateSum, mismatch, activeShare } of outputs) {
    if (gateSum === undefined || activeShare === undefined) continue;
    losses.push(mul(gateSum, regularization), ...(mismatch ? [mismatch] : []));
    shares.push(activeShare);
  }
  if (losses.length === 0) return {};
  return { auxiliaryLoss: sum(stack(losses)), activeShare: mean(stack(shares)) };
}

function assertExpansion(expansion: number, dim: number): void {
  const hidden = expansion * dim;
  if (Number.isInteger(hidden) && hidden > 0) return;
  throw new RangeError(`RankMixer: expected expansion times the token width ${dim} to be a width, got ${hidden}`);
}

function assertFeedForward(feedForward: MixerFeedForward): void {
  assertChoice('RankMixer', { 'feedForward.kind': feedForward.kind }, ['dense', 'experts']);
  if (feedForward.kind === 'dense') return;
  assertWhole('RankMixer', { 'feedForward.experts': feedForward.experts });
  assertNumber('RankMixer', { 'feedForward.regularization': regularizationOf(feedForward) });
}
