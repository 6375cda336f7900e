/**
 * Solves `A x = b` by Cholesky's method.
 *
 * @param matrix `[n, n]`, symmetric and positive definite, row by row; only the lower triangle is read. It is
 *   overwritten.
 * @param target `[n]` b; it becomes x
 * @throws RangeError if the matrix is not positive definite within rounding.
 */
export function solvePositive(matrix: Float64Array, target: Float64Array): void {
  const n = target.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j]!;
      else if (sum > 0) matrix[i * n + i] = Math.sqrt(sum);
      else throw new RangeError(`solvePositive: expected a positive definite matrix, got ${sum} as pivot ${i} of ${n}`);
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = target[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i * n + k]! * target[k]!;
    target[i] = sum / matrix[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = target[i]!;
    for (let k = i + 1; k < n; k++) sum -= matrix[k * n + i]! * target[k]!;
    target[i] = sum / matrix[i * n + i]!;
  }
}
