import type { Samples } from '../samples/samples.js';
import type { Split } from './split.js';

/**
 * Number of the given samples of each item.
 *
 * @param indices positions of samples; only counts of the train part do not leak
 * @returns `[numItems]`
 */
export function itemPopularity(samples: Samples, indices: Int32Array): Float64Array {
  const counts = new Float64Array(samples.numItems);
  for (const sample of indices) counts[samples.items[sample]!]!++;
  return counts;
}

/** `[numItems]`: 1 for an item without events in train, 0 otherwise. */
export function coldItems(samples: Samples, split: Split): Uint8Array {
  return Uint8Array.from(itemPopularity(samples, split.train), (count) => (count === 0 ? 1 : 0));
}
