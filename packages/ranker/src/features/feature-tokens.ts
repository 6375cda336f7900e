import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  xavierUniform,
} from '@sifaka/nn';
import {
  add,
  concat,
  matMul,
  reshape,
  stack,
  type Tensor,
  tidy,
  transpose,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { type FeatureGroups, totalWidth } from './feature-groups.js';

/** Makes tokens of equal width from groups of features. */
export interface FeatureTokens extends Module {
  /** @param features in the order of the groups, `[B, width]` each @returns `[T, B, D]` */
  forward(features: readonly Tensor[]): Tensor;
}

export interface FeatureTokensOptions {
  readonly groups: FeatureGroups;
  /** `D` */
  readonly dim: number;
  readonly seed: number;
}

/** One token per semantic group, of whatever width: each group has its projection. */
export class GroupTokens implements FeatureTokens {
  readonly parameters: NamedParameters;
  readonly #projections: readonly Linear[];

  constructor({ groups, dim, seed }: FeatureTokensOptions) {
    const projections = Object.entries(groups).map(([name, width]) => {
      return [
        name,
        new Linear({ inputDim: width, outputDim: dim, seed: deriveSeed(seed, 'projection', name) }),
      ] as const;
    });
    this.#projections = projections.map(([, projection]) => projection);
    this.parameters = collectParameters(Object.fromEntries(projections));
  }

  forward(features: readonly Tensor[]): Tensor {
    return tidy(() => stack(this.#projections.map((projection, i) => projection.forward(features[i]!)))); // [T, B, D]
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * RankMixer's tokens (arXiv 2507.15551, Eq. 2): the groups end to end are cut into `T` equal pieces, `x_i = Proj(e[d · (i − 1) : d · i])`.
 * Zeros fill up the last piece; each piece has its own projection.
 */
export class CutTokens implements FeatureTokens {
  readonly parameters: NamedParameters;
  readonly #tokens: number;
  readonly #width: number;
  readonly #filling: number;
  readonly #weight: Variable;
  readonly #bias: Variable;

  constructor({ groups, dim, tokens, seed }: FeatureTokensOptions & { readonly tokens: number }) {
    const total = totalWidth(groups);
    this.#tokens = tokens;
    this.#width = Math.ceil(total / tokens);
    this.#filling = tokens * this.#width - total;
    this.#weight = parameter(() => xavierUniform([tokens, this.#width, dim], deriveSeed(seed, 'projection', 'pieces')));
    this.#bias = parameter(() => zeros([tokens, 1, dim]));
    this.parameters = collectParameters({ weight: this.#weight, bias: this.#bias });
  }

  forward(features: readonly Tensor[]): Tensor {
    const batch = features[0]!.shape[0]!;
    return tidy(() => {
      const filling = this.#filling > 0 ? [zeros([batch, this.#filling])] : [];
      const end = concat([...features, ...filling], 1); // [B, T · d]
      const pieces = transpose(reshape(end, [batch, this.#tokens, this.#width]), [1, 0, 2]); // [T, B, d]
      return add(matMul(pieces, this.#weight as Tensor), this.#bias); // [T, B, D]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
