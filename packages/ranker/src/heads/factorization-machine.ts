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
import { FieldVectors, pairwiseProducts } from '../features/field-vectors.js';
import type { RankingHead, RankingHeadOptions, RankingOutput } from './ranking-head.js';

export interface FactorizationMachineOptions extends RankingHeadOptions {
  /** `K`: width of a field's vector. Default 16. */
  readonly factors?: number;
}

/**
 * Logistic regression with a factorization machine (LR + FM; Rendle, 2010, _Factorization Machines_, Eq. 1):
 * `w₀ + Σ_i w_i x_i + Σ_{f<g} ⟨v_f, v_g⟩`. The linear part sees every feature. The second part sums the dot products of
 * all pairs of fields.
 *
 * A field is a group here, and its vector is a linear function of the group: `v_f = Σ_{i in f} x_i v_i`. If all groups
 * are one-hot this is the paper's model, and `v_i` are the rows of its tables. It deviates for other groups: two
 * features of one group do not interact, because a dense group (an item vector) is one thing. Give features that should
 * interact a group each.
 */
export class FactorizationMachine implements RankingHead {
  readonly parameters: NamedParameters;
  readonly #groups: FeatureGroups;
  readonly #linear: Linear;
  readonly #vectors: FieldVectors;

  /** @throws RangeError if there are no groups, or if a width is not positive. */
  constructor({ groups, factors = 16, seed }: FactorizationMachineOptions) {
    assertGroups('FactorizationMachine', groups);
    assertWhole('FactorizationMachine', { factors });
    assertSeed('FactorizationMachine', seed);
    this.#groups = groups;
    this.#linear = new Linear({ inputDim: totalWidth(groups), outputDim: 1, seed: deriveSeed(seed, 'linear') });
    this.#vectors = new FieldVectors({ groups, factors, seed: deriveSeed(seed, 'vectors') });
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
