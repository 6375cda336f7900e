/** Cosine of two vectors of `dim` values, at offsets of two arrays. 0 if either is a zero vector. */
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

/** Median of sorted numbers. NaN if there are none. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
