import {
  assertChoice,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
} from '@sifaka/nn';
import { add, concat, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import { type CrossLayer, type CrossWeights, FullCrossLayer, LowRankCrossLayer } from './cross-layer.js';
import { assertHiddenDims, DEFAULT_HIDDEN_DIMS, Mlp } from './mlp.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface DcnV2Options extends RankingHeadOptions {
  /** Number of cross layers. `depth` layers make products of up to `depth + 1` features. Default 2. */
  readonly depth?: number;
  /** Default `{ kind: 'full' }`. */
  readonly cross?: CrossWeights;
  /**
   * What the deep network reads: the output of the cross layers (`'stacked'`), or their input (`'parallel'`; the logits
   * of both are summed). Default `'stacked'`.
   */
  readonly structure?: 'stacked' | 'parallel';
  /** Widths of the hidden layers of the deep network. Default `[256, 64]`. */
  readonly hiddenDims?: readonly number[];
}

/**
 * DCN-V2 (Wang et al., 2021, arXiv 2008.13535): cross layers `x_{l+1} = x₀ ∘ (W_l x_l + b_l) + x_l` (Eq. 1) and a deep
 * network with ReLU. `x₀` is all groups concatenated. With `cross: { kind: 'lowRank', … }`, the layers are the paper's
 * mixtures of low-rank experts, `x_{l+1} = Σ_i G_i(x_l) · x₀ ∘ (U_i g(C_i g(V_iᵀ x_l)) + b) + x_l`. Here `g` is tanh
 * and the gates `G` are a softmax. The paper leaves both open.
 *
 * In parallel, the paper applies one linear layer to the outputs of both networks, concatenated. That is the sum of one
 * linear layer for each, as computed here.
 *
 * Deviations. The paper embeds one-hot groups first. Here the groups are vectors already, so that ids come as their
 * embeddings. The paper tunes depth and widths. The defaults are ours, and the hidden widths are `MlpHead`'s, so that
 * the two compare.
 */
export class DcnV2 implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #crosses: readonly CrossLayer[];
  readonly #deep: Mlp;
  /** From the cross layers to the logit. Only in parallel. */
  readonly #crossLogit: Linear | undefined;

  /** @throws RangeError if there are no groups, or an option is out of range. */
  constructor(options: DcnV2Options) {
    const { groups, depth = 2, cross = { kind: 'full' }, structure = 'stacked', seed } = options;
    const { hiddenDims = DEFAULT_HIDDEN_DIMS } = options;
    assertGroups('DcnV2', groups);
    assertWhole('DcnV2', { depth });
    assertChoice('DcnV2', { 'cross.kind': cross.kind }, ['full', 'lowRank']);
    if (cross.kind === 'lowRank') assertWhole('DcnV2', { 'cross.rank': cross.rank, 'cross.experts': cross.experts });
    assertChoice('DcnV2', { structure }, ['stacked', 'parallel']);
    assertHiddenDims('DcnV2', hiddenDims);
    assertSeed('DcnV2', seed);
    this.#groups = groups;
    const dim = totalWidth(groups);
    this.#crosses = Array.from({ length: depth }, (_, i) => {
      const layer = { dim, seed: deriveSeed(seed, 'crosses', i) };
      return cross.kind === 'full' ? new FullCrossLayer(layer) : new LowRankCrossLayer({ ...layer, ...cross });
    });
    this.#deep = new Mlp({ inputDim: dim, hiddenDims, seed: deriveSeed(seed, 'deep') });
    const logit = { inputDim: dim, outputDim: 1, bias: false, seed: deriveSeed(seed, 'crossLogit') };
    this.#crossLogit = structure === 'parallel' ? new Linear(logit) : undefined; // The deep network has the bias.
    this.parameters = collectParameters({ crosses: this.#crosses, deep: this.#deep, crossLogit: this.#crossLogit });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('DcnV2.forward', this.#groups, features);
    return tidy(() => {
      const first = concat(parts, 1); // [B, d]
      let x = first;
      for (const cross of this.#crosses) x = cross.forward(first, x); // [B, d]
      if (this.#crossLogit === undefined) return this.#deep.forward(x); // [B]
      return add(reshape(this.#crossLogit.forward(x), [-1]), this.#deep.forward(first)); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
