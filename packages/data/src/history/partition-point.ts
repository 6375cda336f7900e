/**
 * Binary search: the first index in [low, high) that is not `before`, or `high`.
 *
 * @param before true for all indices up to some point and false from there on
 */
export function partitionPoint(low: number, high: number, before: (index: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (before(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
