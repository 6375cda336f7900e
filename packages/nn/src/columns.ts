import { slice, type Tensor } from '@tensorflow/tfjs-core';

/** Adjacent columns of a weight, and so of an output. */
export interface Columns {
  /** The first one. */
  readonly from: number;
  readonly count: number;
}

/**
 * Slices the last axis.
 *
 * @param x `[..., N]`
 * @returns `[..., columns.count]`, or `x` itself without columns.
 * @throws RangeError unless the columns exist.
 */
export function columnsOf(where: string, x: Tensor, columns: Columns | undefined): Tensor {
  if (columns === undefined) return x;
  const { from, count } = columns;
  const width = x.shape.at(-1)!;
  const isInside = Number.isInteger(from) && Number.isInteger(count) && from >= 0 && count >= 1;
  if (!isInside || from + count > width) {
    throw new RangeError(`${where}: expected columns within ${width}, got ${count} from ${from}`);
  }
  const leading = x.shape.slice(0, -1);
  return slice(x, [...leading.map(() => 0), from], [...leading, count]);
}
