import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
} from '@sifaka/nn';
import { concat, reshape, type Tensor, tidy, tile, transpose, type Variable } from '@tensorflow/tfjs-core';
import type { FeatureGroups } from '../features/feature-groups.js';
import { GroupTokens } from '../features/feature-tokens.js';

export interface GlobalTokensOptions {
  readonly groups: FeatureGroups;
  /** Number of learned tokens, the same for every row. */
  readonly learned: number;
  /** `D`: width of a token. */
  readonly dim: number;
  readonly seed: number;
}

/** LONGER's global tokens: one projected token per group of features, then learned ones (CLS). */
export class GlobalTokens implements Module {
  readonly parameters: NamedParameters;
  readonly #projection: GroupTokens;
  readonly #learned: Variable | undefined;

  constructor({ groups, learned, dim, seed }: GlobalTokensOptions) {
    this.#projection = new GroupTokens({ groups, dim, seed });
    this.#learned = learned > 0 ? parameter(() => smallNormal([learned, dim], deriveSeed(seed, 'learned'))) : undefined;
    this.parameters = collectParameters({ projection: this.#projection, learned: this.#learned });
  }

  /**
   * @param features in the order of the groups, `[B, width]` each
   * @returns `[B, G, D]`
   */
  forward(features: readonly Tensor[]): Tensor {
    return tidy(() => {
      const named = transpose(this.#projection.forward(features), [1, 0, 2]); // [B, groups, D]
      if (this.#learned === undefined) return named;
      const [learned, dim] = this.#learned.shape as [number, number];
      const repeated = tile(reshape(this.#learned as Tensor, [1, learned, dim]), [named.shape[0]!, 1, 1]);
      return concat([named, repeated], 1);
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
