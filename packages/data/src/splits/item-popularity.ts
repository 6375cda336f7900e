import type { Samples } from '../samples/samples.js';
import type { Split } from './split.js';

/**
 * How many of the given samples each item has, `[numItems]`.
 *
 * @param indices the train part: counts of anything else leak.
 */
export function itemPopularity(samples: Samples, indices: Int32Array): Float64Array {
  const counts = new Float64Array(samples.numItems);
  for (const sample of indices) counts[samples.items[sample]!]!++;
  return counts;
}

/** `[numItems]`: 1 for an item without any event in train, else 0. */
export function coldItems(samples: Samples, split: Split): Uint8Array {
  return Uint8Array.from(itemPopularity(samples, split.train), (count) => (count === 0 ? 1 : 0));
}
