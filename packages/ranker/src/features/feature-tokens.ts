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

/** Turns groups of features into tokens of equal width. */
export interface FeatureTokens extends Module {
  /**
   * @param features in the order of the groups, `[B, width]` each
   * @returns `[T, B, D]`
   */
  forward(features: readonly Tensor[]): Tensor;
}

export interface FeatureTokensOptions {
  readonly groups: FeatureGroups;
  /** `D`: width of a token. */
  readonly dim: number;
  readonly seed: number;
}

/** Options of {@link GroupTokens}. */
export interface GroupTokensOptions extends FeatureTokensOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/** One token per group. Each group has its own projection, so groups may differ in width. */
export class GroupTokens implements FeatureTokens {
  readonly parameters: NamedParameters;
  readonly #projections: readonly Linear[];

  constructor({ groups, dim, seed, bias = true }: GroupTokensOptions) {
    const projections = Object.entries(groups).map(([name, width]) => {
      return [
        name,
        new Linear({ inputDim: width, outputDim: dim, bias, seed: deriveSeed(seed, 'projection', name) }),
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
 * RankMixer's tokens (arXiv 2507.15551, Eq. 2): the concatenated groups are cut into `T` equal pieces,
 * `x_i = Proj(e[d · (i − 1) : d · i])`. Each piece has its own projection. The last piece is padded with zeros.
 */
export class CutTokens implements FeatureTokens {
  readonly parameters: NamedParameters;
  readonly #tokens: number;
  readonly #width: number;
  readonly #padding: number;
  readonly #weight: Variable;
  readonly #bias: Variable;

  constructor({ groups, dim, tokens, seed }: FeatureTokensOptions & { readonly tokens: number }) {
    const total = totalWidth(groups);
    this.#tokens = tokens;
    this.#width = Math.ceil(total / tokens);
    this.#padding = tokens * this.#width - total;
    this.#weight = parameter(() => xavierUniform([tokens, this.#width, dim], deriveSeed(seed, 'projection', 'pieces')));
    this.#bias = parameter(() => zeros([tokens, 1, dim]), { decay: false });
    this.parameters = collectParameters({ weight: this.#weight, bias: this.#bias });
  }

  forward(features: readonly Tensor[]): Tensor {
    const batch = features[0]!.shape[0]!;
    return tidy(() => {
      const padding = this.#padding > 0 ? [zeros([batch, this.#padding])] : [];
      const joined = concat([...features, ...padding], 1); // [B, T · d]
      const pieces = transpose(reshape(joined, [batch, this.#tokens, this.#width]), [1, 0, 2]); // [T, B, d]
      return add(matMul(pieces, this.#weight as Tensor), this.#bias); // [T, B, D]
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
