import { collectParameters, deriveSeed, disposeParameters, Linear, type NamedParameters } from '@sifaka/nn';
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
import type { RankingHead, RankingOutput } from './ranking-head.js';

export interface RankMixerOptions {
  /** Semantic groups: name → width. */
  readonly groups: FeatureGroups;
  /**
   * How many tokens: the groups end to end are cut into so many equal pieces, as in the paper. Default: each group becomes a token, whatever
   * its width.
   */
  readonly tokens?: number;
  /** Width of a head. A token has one head per token, so its width is `tokens · headDim`. Default 8. */
  readonly headDim?: number;
  /** Default 2. */
  readonly depth?: number;
  /** Width inside the per-token feed-forward parts, in token widths. Default 4. */
  readonly expansion?: number;
  /** Default `{ kind: 'dense' }`. */
  readonly feedForward?: MixerFeedForward;
  readonly seed: number;
}

/**
 * RankMixer (arXiv 2507.15551): `S = LN(TokenMixing(X) + X)`, `X' = LN(PFFN(S) + S)`, mean over tokens, linear head.
 *
 * Shapes: `B` batch, `T` tokens (= heads), `D` token width.
 */
export class RankMixer implements RankingHead {
  /** `D`, the width of a token. */
  readonly tokenDim: number;
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #projection: FeatureTokens;
  readonly #blocks: readonly MixerBlock[];
  readonly #head: Linear;
  readonly #regularization: number;

  /** @throws RangeError if there is no group, one without a width, more tokens than features, or no expert. */
  constructor(options: RankMixerOptions) {
    const { groups, tokens, headDim = 8, depth = 2, expansion = 4, feedForward = { kind: 'dense' }, seed } = options;
    assertGroups('RankMixer', groups);
    if (tokens !== undefined) assertCount('tokens', tokens, totalWidth(groups));
    if (feedForward.kind === 'experts') assertCount('feedForward.experts', feedForward.experts);
    const count = tokens ?? Object.keys(groups).length;
    this.tokenDim = count * headDim;
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
   * As it serves: a mixture's gates are the sparse ones.
   *
   * @param features by group name, `[B, width]` each.
   * @returns logits `[B]`
   * @throws {@link ShapeError} naming the group if it is missing, has another width, or another batch than the first.
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
   * As it trains. Without a mixture, `forward`. With one, `auxiliaryLoss` is `Σ λ · L_reg + mismatch` over the blocks: it keeps the serving
   * gates sparse and, under dense training, true to what is trained.
   *
   * @param options.regularization λ for this step, in place of the option's; see {@link nextRegularization}.
   */
  forwardTraining(features: Features, options: { readonly regularization?: number } = {}): RankingOutput {
    const parts = featuresInOrder('RankMixer.forwardTraining', this.#groups, features);
    const regularization = options.regularization ?? this.#regularization;
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
 * λ of the next step, so that the share of active experts stays near a budget: `λ · 1.2^sign(activeShare − budget)` (ReMoE, arXiv
 * 2412.14711). RankMixer says that λ keeps the share near its budget, not how.
 */
export function nextRegularization(regularization: number, activeShare: number, budget: number): number {
  return regularization * 1.2 ** Math.sign(activeShare - budget);
}

function regularizationOf(feedForward: MixerFeedForward): number {
  if (feedForward.kind === 'dense') return 0;
  return feedForward.regularization ?? (feedForward.denseTraining ? 0.3 : 0.01);
}

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

function assertCount(name: string, count: number, most = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(count) && count > 0 && count <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? 'from 1' : `from 1 to ${most}`;
  throw new RangeError(`RankMixer: expected ${name} to be a whole number ${range}, got ${count}`);
}
