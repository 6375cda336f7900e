import { assertSeed, disposeParameters, type NamedParameters } from '@sifaka/nn';
import { concat, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import { assertHiddenDims, DEFAULT_HIDDEN_DIMS, Mlp } from './mlp.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface MlpHeadOptions extends RankingHeadOptions {
  /** Widths of the hidden layers. Default `[256, 64]`. */
  readonly hiddenDims?: readonly number[];
}

/**
 * The top MLP of DLRM (Naumov et al., 2019, arXiv 1906.00091) over all groups concatenated: linear layers with ReLU
 * between them, one logit. LEMUR's Table 2 starts from it (DLRM-MLP) and does not state its widths.
 *
 * DLRM also gives this MLP the dot products of all pairs of groups: `Dlrm` does. LEMUR names only the MLP.
 */
export class MlpHead implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #mlp: Mlp;

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, hiddenDims = DEFAULT_HIDDEN_DIMS, seed }: MlpHeadOptions) {
    assertGroups('MlpHead', groups);
    assertHiddenDims('MlpHead', hiddenDims);
    assertSeed('MlpHead', seed);
    this.#groups = groups;
    this.#mlp = new Mlp({ inputDim: totalWidth(groups), hiddenDims, seed });
    this.parameters = this.#mlp.parameters;
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('MlpHead.forward', this.#groups, features);
    return tidy(() => this.#mlp.forward(concat(parts, 1))); // [B]
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
