import type { ItemFeatures } from './retrieval-data.js';

/**
 * Which items have a modality. An item whose features are all 0 lacks it: MMRec's folders have a row for every item.
 *
 * @returns `[items]`: 1 for an item that has it, else 0.
 */
export function presentFeatures({ dim, values }: ItemFeatures): Float32Array {
  const present = new Float32Array(values.length / dim);
  values.forEach((value, i) => {
    if (value !== 0) present[Math.floor(i / dim)] = 1;
  });
  return present;
}
