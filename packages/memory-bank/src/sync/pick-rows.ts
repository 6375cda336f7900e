import type { BankRows } from '../rows/bank-rows.js';

/** The rows at some places, copied. */
export function pickRows({ ids, vectors, steps, versions }: BankRows, places: Int32Array): BankRows {
  const dim = vectors.length / ids.length;
  const picked = new Float32Array(places.length * dim || 0); // No rows, no width.
  for (const [to, from] of places.entries()) picked.set(vectors.subarray(from * dim, (from + 1) * dim), to * dim);
  return {
    ids: places.map((place) => ids[place]!),
    vectors: picked,
    steps: places.map((place) => steps[place]!),
    versions: places.map((place) => versions[place]!),
  };
}
