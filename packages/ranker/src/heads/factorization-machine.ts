import {
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
import { GroupVectors, pairwiseProducts } from '../features/group-vectors.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface FactorizationMachineOptions extends RankingHeadOptions {
  /** `K`: width of a group's vector. Default 16. */
  readonly factors?: number;
}

/**
 * Logistic regression with a factorization machine (LR + FM; Rendle, 2010, _Factorization Machines_, Eq. 1):
 * `w₀ + Σ_i w_i x_i + Σ_{g<h} ⟨v_g, v_h⟩`. The linear part sees every feature. The second part sums the dot products of
 * all pairs of groups.
 *
 * A group's vector is a linear function of it: `v_g = Σ_{i in g} x_i v_i`. If all groups are one-hot, this is the
 * paper's model, and the `v_i` are the rows of its table. It deviates for other groups: two features of one group do
 * not interact, because a dense group (an item vector) is one thing. Give features that should interact a group each.
 */
export class FactorizationMachine implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #linear: Linear;
  readonly #vectors: GroupVectors;

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, factors = 16, seed }: FactorizationMachineOptions) {
    assertGroups('FactorizationMachine', groups);
    assertWhole('FactorizationMachine', { factors });
    assertSeed('FactorizationMachine', seed);
    this.#groups = groups;
    this.#linear = new Linear({ inputDim: totalWidth(groups), outputDim: 1, seed: deriveSeed(seed, 'linear') });
    this.#vectors = new GroupVectors({ groups, factors, seed: deriveSeed(seed, 'vectors') });
    this.parameters = collectParameters({ linear: this.#linear, vectors: this.#vectors });
  }

  forward(features: Features): Tensor {
    const parts = featuresInOrder('FactorizationMachine.forward', this.#groups, features);
    return tidy(() => {
      const first = reshape(this.#linear.forward(concat(parts, 1)), [-1]); // [B]
      return add(first, pairwiseProducts(this.#vectors.forward(parts))); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    return { logits: this.forward(features) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
