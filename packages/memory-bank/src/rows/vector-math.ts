/** Cosine of two vectors of `dim` values within blocks; 0 if either is zero. */
export function cosineAt(a: Float32Array, aFrom: number, b: Float32Array, bFrom: number, dim: number): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < dim; i++) {
    const x = a[aFrom + i]!;
    const y = b[bFrom + i]!;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** Middle of sorted numbers, the mean of two where their number is even; NaN of none. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
