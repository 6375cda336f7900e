/** A shape as three axes, of which the middle one is reduced. */
export interface ReductionBlocks {
  /** Number of positions before the reduced axes, along them, and after them. */
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** Reduces a shape to three axes; undefined if an axis that is kept, longer than 1, lies between two reduced axes. */
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
