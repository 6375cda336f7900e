import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
} from '@sifaka/nn';
import { matMul, mul, square, stack, sub, sum, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { FeatureGroups } from './feature-groups.js';

export interface FieldVectorsOptions {
  readonly groups: FeatureGroups;
  /** `K`: width of a vector. */
  readonly factors: number;
  readonly seed: number;
}

/**
 * One vector per field: `v_f = x_f V_f`. A field is a group of features, and `V_f` is `[width, K]`. If the group is
 * one-hot, `v_f` is the row of its feature, so `V_f` is the table of a factorization machine. There is no bias, so that
 * a group of zeros does not interact.
 *
 * `V` starts small (deviation 0.02), as embeddings do. The products of many fields would be large otherwise.
 */
export class FieldVectors implements Module {
  readonly parameters: NamedParameters;
  readonly #tables: readonly Variable[];

  constructor({ groups, factors, seed }: FieldVectorsOptions) {
    const tables = Object.entries(groups).map(([name, width]) => {
      return [name, parameter(() => smallNormal([width, factors], deriveSeed(seed, name)))] as const;
    });
    this.#tables = tables.map(([, table]) => table);
    this.parameters = collectParameters(Object.fromEntries(tables));
  }

  /**
   * @param features in the order of the groups, `[B, width]` each
   * @returns `[F, B, K]` for `F` groups
   */
  forward(features: readonly Tensor[]): Tensor {
    return tidy(() => stack(this.#tables.map((table, f) => matMul(features[f]!, table as Tensor)))); // [F, B, K]
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * Sum of the dot products of all pairs of fields: `Σ_{f<g} ⟨v_f, v_g⟩ = ½ Σ_k ((Σ_f v_fk)² − Σ_f v_fk²)` (Rendle, 2010,
 * Lemma 3.1).
 *
 * @param vectors `[F, B, K]`
 * @returns `[B]`
 */
export function pairwiseProducts(vectors: Tensor): Tensor {
  return tidy(() => {
    const squareOfSum = square(sum(vectors, 0)); // [B, K]
    const sumOfSquares = sum(square(vectors), 0); // [B, K]
    return mul(sum(sub(squareOfSum, sumOfSquares), 1), 0.5); // [B]
  });
}
