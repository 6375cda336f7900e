export interface ReductionBlocks {
  /** Number of positions before, along and after the reduced axes. */
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** The shape as `[outer, middle, inner]`; undefined if a kept axis lies between two reduced axes. */
export function reductionBlocks(shape: readonly number[], axes: readonly number[]): ReductionBlocks | undefined {
  let [outer, middle, inner] = [1, 1, 1];
  let stage: 'outer' | 'middle' | 'inner' = 'outer';
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    if (axes.includes(axis)) {
      if (stage === 'inner') return undefined;
      stage = 'middle';
      middle *= size;
    } else if (stage === 'outer') {
      outer *= size;
    } else {
      stage = 'inner';
      inner *= size;
    }
  }
  return { outer, middle, inner };
}
