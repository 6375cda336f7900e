import { assertWhole, type SparseMatrix, sparseMatMul } from '@sifaka/nn';
import { customGrad, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * LightGCN's propagation with equal weights of the layers (arXiv 2002.02126, Eq. 3 to 5):
 * `(x + Â x + Â² x + … + Âᴸ x) / (L + 1)`.
 *
 * The gradient is the same function of `Âᵀ`. So both directions are `L` sparse products, by Horner's rule:
 * `x + Â (x + Â (x + …))`.
 *
 * @param graph `Â`, `[N, N]`
 * @param x `[N, D]`
 * @param layers `L`
 * @returns `[N, D]`, owned by the caller.
 * @throws ShapeError if the graph's nodes are not the rows of `x`, RangeError unless `layers` is a whole number from 0.
 */
export function propagate(graph: SparseMatrix, x: Tensor, layers: number): Tensor {
  assertWhole('propagate', { layers }, 0);
  const run = customGrad((given) => ({
    value: meanOfLayers(graph, given as Tensor, layers),
    gradFunc: (dy: Tensor) => meanOfLayers(graph.transposed, dy, layers),
  }));
  return tidy(() => run(x));
}

function meanOfLayers(graph: SparseMatrix, x: Tensor, layers: number): Tensor {
  return tidy(() => {
    let sum = x;
    for (let layer = 0; layer < layers; layer++) sum = sparseMatMul(graph, sum, x);
    return mul(sum, 1 / (layers + 1));
  });
}

/**
 * FREEDOM's pass through a graph (arXiv 2211.06924, Eq. 9): `Sᴸ x`.
 *
 * @param graph `S`, `[N, N]`
 * @param x `[N, D]`
 * @param layers `L`, a whole number from 0
 * @returns `[N, D]`: `x` itself without a layer.
 */
export function passAlong(graph: SparseMatrix, x: Tensor, layers: number): Tensor {
  let passed = x;
  for (let layer = 0; layer < layers; layer++) passed = sparseMatMul(graph, passed);
  return passed;
}
