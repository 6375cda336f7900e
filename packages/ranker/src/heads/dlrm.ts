import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  type NamedParameters,
} from '@sifaka/nn';
import { concat, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import { GroupVectors, productsOfPairs } from '../features/group-vectors.js';
import { assertHiddenDims, DEFAULT_HIDDEN_DIMS, Mlp } from './mlp.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface DlrmOptions extends RankingHeadOptions {
  /** `K`: width of a group's vector. Default 16. */
  readonly factors?: number;
  /** Widths of the hidden layers of the top MLP. Default `[256, 64]`. */
  readonly hiddenDims?: readonly number[];
}

/**
 * DLRM (Naumov et al., 2019, arXiv 1906.00091): the dot products of all pairs of groups, `⟨v_g, v_h⟩` for `g < h`, go
 * beside the dense part into a top MLP with ReLU, which gives the logit. `MlpHead` is the same without the products.
 *
 * Deviations. A group's vector is a linear function of it, `v_g = x_g V_g`, as in `FactorizationMachine`. For a one-hot
 * group this is the paper's embedding. The paper's dense part is the output of a bottom MLP over the numeric features,
 * which is also one of the vectors. Here it is all groups concatenated, because a group comes as a vector already
 * and nothing says which are numeric; each is one of the vectors. The paper tunes the widths of the MLP. The default
 * is `MlpHead`'s, so that the two compare.
 */
export class Dlrm implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #vectors: GroupVectors;
  readonly #top: Mlp;

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, factors = 16, hiddenDims = DEFAULT_HIDDEN_DIMS, seed }: DlrmOptions) {
    assertGroups('Dlrm', groups);
    assertWhole('Dlrm', { factors });
    assertHiddenDims('Dlrm', hiddenDims);
    assertSeed('Dlrm', seed);
    this.#groups = groups;
    this.#vectors = new GroupVectors({ groups, factors, seed: deriveSeed(seed, 'vectors') });
    const count = Object.keys(groups).length;
    const inputDim = totalWidth(groups) + (count * (count - 1)) / 2;
    this.#top = new Mlp({ inputDim, hiddenDims, seed: deriveSeed(seed, 'top') });
    this.parameters = collectParameters({ vectors: this.#vectors, top: this.#top });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('Dlrm.forward', this.#groups, features);
    return tidy(() => {
      const products = productsOfPairs(this.#vectors.forward(parts)); // [B, G (G − 1) / 2]
      return this.#top.forward(concat([...parts, products], 1)); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
