import { partitionPoint } from '../history/partition-point.js';
import { drawUnit, type RandomGenerator } from './random-stream.js';

// Most draws are accepted, because a user has events with few of the items. After this many rejections an explicit list
// of the allowed indices is cheaper.
const MAX_REJECTIONS = 32;

/**
 * Draws one of the allowed indices, with a probability in proportion to its weight.
 *
 * @param cumulative running sums of the weights
 * @returns −1 if no allowed index has a weight above 0.
 */
export function drawAllowed(
  cumulative: Float64Array,
  isAllowed: (index: number) => boolean,
  random: RandomGenerator,
): number {
  for (let rejections = 0; rejections < MAX_REJECTIONS; rejections++) {
    const index = drawFrom(cumulative, random);
    if (isAllowed(index)) return index;
  }
  let total = 0;
  const allowed = cumulative.map((sum, index) => {
    const weight = sum - (cumulative[index - 1] ?? 0);
    if (isAllowed(index)) total += weight;
    return total;
  });
  return total === 0 ? -1 : drawFrom(allowed, random);
}

/** Draws an index with a probability in proportion to its increment in the running sums. */
function drawFrom(cumulative: Float64Array, random: RandomGenerator): number {
  const point = drawUnit(random) * cumulative[cumulative.length - 1]!;
  return partitionPoint(0, cumulative.length - 1, (index) => cumulative[index]! <= point);
}
