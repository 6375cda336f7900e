import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
} from '@sifaka/nn';
import {
  gather,
  matMul,
  mul,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  transpose,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import type { FeatureGroups } from './feature-groups.js';

export interface GroupVectorsOptions {
  readonly groups: FeatureGroups;
  /** `K`: width of a vector. */
  readonly factors: number;
  readonly seed: number;
}

/**
 * One vector per group: `v_g = x_g V_g` with `V_g` `[width, K]`. If the group is one-hot, `v_g` is the row of its
 * feature, so `V_g` is the table of a factorization machine. There is no bias, so that a group of zeros does not
 * interact.
 *
 * `V` starts small (deviation 0.02), as embeddings do. The products of many groups would be large otherwise.
 */
export class GroupVectors implements Module {
  readonly parameters: NamedParameters;
  readonly #tables: readonly Variable[];

  constructor({ groups, factors, seed }: GroupVectorsOptions) {
    const tables = Object.entries(groups).map(([name, width]) => {
      return [name, parameter(() => smallNormal([width, factors], deriveSeed(seed, name)))] as const;
    });
    this.#tables = tables.map(([, table]) => table);
    this.parameters = collectParameters(Object.fromEntries(tables));
  }

  /**
   * @param features in the order of the groups, `[B, width]` each
   * @returns `[G, B, K]` for `G` groups
   */
  forward(features: readonly Tensor[]): Tensor {
    return tidy(() => stack(this.#tables.map((table, g) => matMul(features[g]!, table as Tensor)))); // [G, B, K]
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/**
 * Sum of the dot products of all pairs of groups: `Σ_{g<h} ⟨v_g, v_h⟩ = ½ Σ_k ((Σ_g v_gk)² − Σ_g v_gk²)` (Rendle, 2010,
 * Lemma 3.1).
 *
 * @param vectors `[G, B, K]`
 * @returns `[B]`
 */
export function pairwiseProducts(vectors: Tensor): Tensor {
  return tidy(() => {
    const squareOfSum = square(sum(vectors, 0)); // [B, K]
    const sumOfSquares = sum(square(vectors), 0); // [B, K]
    return mul(sum(sub(squareOfSum, sumOfSquares), 1), 0.5); // [B]
  });
}

/**
 * The dot products of all pairs of groups, `⟨v_g, v_h⟩` for `g < h`: those of the first group, then those of the
 * second, and so on.
 *
 * @param vectors `[G, B, K]`
 * @returns `[B, G (G − 1) / 2]`
 */
export function productsOfPairs(vectors: Tensor): Tensor {
  const [groups, batch] = vectors.shape as [number, number, number];
  const pairs = Array.from({ length: groups }, (_, g) => g).flatMap((g) =>
    Array.from({ length: groups - g - 1 }, (_, k) => [g, g + 1 + k] as const),
  );
  if (pairs.length === 0) return zeros([batch, 0]);
  return tidy(() => {
    const side = (which: 0 | 1) =>
      gather(
        vectors,
        tensor1d(
          Int32Array.from(pairs, (pair) => pair[which]),
          'int32',
        ),
      );
    return transpose(sum(mul(side(0), side(1)), 2)); // [B, pairs]
  });
}
