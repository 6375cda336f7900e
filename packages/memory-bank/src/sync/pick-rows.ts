import type { BankRows } from '../rows/bank-rows.js';

/** Copies the rows at some indices. */
export function pickRows({ ids, vectors, steps, versions }: BankRows, indices: Int32Array): BankRows {
  const dim = vectors.length / ids.length;
  const picked = new Float32Array(indices.length * dim || 0); // Without rows there is no width.
  for (const [to, from] of indices.entries()) picked.set(vectors.subarray(from * dim, (from + 1) * dim), to * dim);
  return {
    ids: indices.map((index) => ids[index]!),
    vectors: picked,
    steps: indices.map((index) => steps[index]!),
    versions: indices.map((index) => versions[index]!),
  };
}
