import { type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.js';
import { engineKernel } from './engine-kernel.js';
import { assertShape } from './shape-error.js';
import type { SparseMatrix } from './sparse-matrix.js';

/**
 * A sparse matrix times a dense one: `A x + plus`. The gradient of `x` is `Aᵀ` times the upstream gradient; the matrix
 * is constant.
 *
 * Engines without a fused kernel for it read `x` to the host and compute there. `wasm`, `cuda` and `tensorflow` have one.
 *
 * @param matrix `[R, C]` with Z entries
 * @param x `[C, D]`
 * @param plus `[R, D]`, added to the product. Default: nothing.
 * @returns `[R, D]`
 * @throws {@link ShapeError} if the shapes do not fit.
 */
export function sparseMatMul(matrix: SparseMatrix, x: Tensor, plus?: Tensor): Tensor {
  const [rows, columns] = matrix.shape;
  assertShape('sparseMatMul: x', x, [columns, 'D']);
  if (plus !== undefined) assertShape('sparseMatMul: plus', plus, [rows, x.shape[1]!]);
  const multiply = customGradient(([x, plus]) => ({
    value: product(matrix, x!, plus),
    gradients: (dy) => [product(matrix.transposed, dy), ...(plus === undefined ? [] : [dy.clone()])],
  }));
  return tidy(() => (plus === undefined ? multiply(x) : multiply(x, plus)));
}

function product(matrix: SparseMatrix, x: Tensor, plus?: Tensor): Tensor {
  const fused = engineKernel('SparseMatMul', [x, ...(plus ? [plus] : [])]);
  if (fused !== undefined) return fused({ ...matrix.tensors, x, ...(plus && { plus }) })[0]!;
  // TensorFlow.js has no sum over segments that is fast on every engine.
  const [rows, width] = [matrix.shape[0], x.shape[1]!];
  const sums = plus === undefined ? new Float32Array(rows * width) : Float32Array.from(plus.dataSync());
  addProduct(matrix, x.dataSync() as Float32Array, sums);
  return tensor2d(sums, [rows, width]);
}

/** `sums += A x` on the host. */
function addProduct({ starts, columns, values }: SparseMatrix, x: Float32Array, sums: Float32Array): void {
  const width = sums.length / (starts.length - 1);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const value = values[entry]!;
      let from = columns[entry]! * width;
      for (let to = row * width; to < (row + 1) * width; to++) sums[to] = sums[to]! + value * x[from++]!;
    }
  }
}
