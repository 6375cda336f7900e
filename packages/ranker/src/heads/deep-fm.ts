import {
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
} from '@sifaka/nn';
import { addN, concat, reshape, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import {
  assertGroups,
  type FeatureGroups,
  type Features,
  featuresInOrder,
  totalWidth,
} from '../features/feature-groups.js';
import { GroupVectors, pairwiseProducts } from '../features/group-vectors.js';
import { assertHiddenDims, DEFAULT_HIDDEN_DIMS, Mlp } from './mlp.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface DeepFmOptions extends RankingHeadOptions {
  /** `K`: width of a group's vector. Default 16. */
  readonly factors?: number;
  /** Widths of the hidden layers of the deep part. Default `[256, 64]`. */
  readonly hiddenDims?: readonly number[];
}

/**
 * DeepFM (Guo et al., 2017, arXiv 1703.04247): `y_FM + y_DNN` (Eq. 1). The FM part is
 * `Σ_i w_i x_i + Σ_{g<h} ⟨v_g, v_h⟩` (Eq. 2). The deep part is an MLP with ReLU over the same vectors, concatenated
 * (Eq. 3 and 4). Both parts train the vectors.
 *
 * Deviations. A group's vector is a linear function of it, as in `FactorizationMachine`. The paper's groups are one-hot
 * or single numbers, for which this is the same. There is no dropout, as in the other heads. The paper has three hidden
 * layers of 400. The default is `MlpHead`'s, so that the two compare.
 */
export class DeepFm implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #linear: Linear;
  readonly #vectors: GroupVectors;
  readonly #deep: Mlp;

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, factors = 16, hiddenDims = DEFAULT_HIDDEN_DIMS, seed }: DeepFmOptions) {
    assertGroups('DeepFm', groups);
    assertWhole('DeepFm', { factors });
    assertHiddenDims('DeepFm', hiddenDims);
    assertSeed('DeepFm', seed);
    this.#groups = groups;
    const all = { inputDim: totalWidth(groups), outputDim: 1 };
    this.#linear = new Linear({ ...all, bias: false, seed: deriveSeed(seed, 'linear') }); // The deep part has the bias.
    this.#vectors = new GroupVectors({ groups, factors, seed: deriveSeed(seed, 'vectors') });
    const inputDim = Object.keys(groups).length * factors;
    this.#deep = new Mlp({ inputDim, hiddenDims, seed: deriveSeed(seed, 'deep') });
    this.parameters = collectParameters({ linear: this.#linear, vectors: this.#vectors, deep: this.#deep });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('DeepFm.forward', this.#groups, features);
    return tidy(() => {
      const first = reshape(this.#linear.forward(concat(parts, 1)), [-1]); // [B]
      const vectors = this.#vectors.forward(parts); // [G, B, K]
      const [groups, batch, factors] = vectors.shape as [number, number, number];
      const joined = reshape(transpose(vectors, [1, 0, 2]), [batch, groups * factors]); // [B, G · K]
      return addN([first, pairwiseProducts(vectors), this.#deep.forward(joined)]); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
