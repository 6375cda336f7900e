import { assertWhole, seededRandom } from '@sifaka/nn';
import type { ReadableBank } from '../bank/readable-bank.js';
import { assertLength } from '../rows/check-rows.js';
import { cosineAt, medianOfSorted } from '../rows/vector-math.js';

/** Cosines between stored and fresh vectors of the same items: 1 means unchanged. NaN if no item was compared. */
export interface Staleness {
  /** Number of vectors compared. */
  readonly size: number;
  readonly mean: number;
  readonly median: number;
  readonly min: number;
}

/**
 * Compares stored vectors with fresh ones. Items without a stored vector are left out. This does not count as reads.
 *
 * @param vectors `[N, dim]`, one per id.
 * @param comparedDim number of leading values that are compared, for rows that hold more than one vector. Default: all.
 * @throws RangeError if there are not `ids · dim` values, or `comparedDim` is not in 1 … `dim`.
 */
export function stalenessOf(
  bank: ReadableBank,
  ids: ArrayLike<number>,
  vectors: Float32Array,
  comparedDim: number = bank.dim,
): Staleness {
  const { dim } = bank;
  assertLength('stalenessOf', vectors, ids.length, dim);
  assertWhole('stalenessOf', { comparedDim }, 1, dim);
  const stored = bank.reader().read(ids);
  const known = Array.from(stored.found.keys()).filter((i) => stored.found[i] === 1);
  const cosines = Float64Array.from(known, (i) =>
    cosineAt(stored.vectors, i * dim, vectors, i * dim, comparedDim),
  ).sort();
  return {
    size: cosines.length,
    mean: cosines.reduce((a, b) => a + b, 0) / cosines.length,
    median: medianOfSorted(cosines),
    min: cosines[0] ?? Number.NaN,
  };
}

export interface SampleStalenessOptions {
  readonly bank: ReadableBank;
  /** Encodes items with the current weights: `[N]` → `[N, dim]`. */
  readonly encode: (ids: Int32Array) => Float32Array;
  /** Number of items to draw. If the bank holds fewer, all are compared. */
  readonly size: number;
  readonly seed: number;
  /** Number of leading values that are compared, for rows that hold more than one vector. Default: all. */
  readonly comparedDim?: number;
}

/**
 * Measures how far the bank has fallen behind the encoders: encodes a random sample of the stored items and compares.
 * Every stored item is equally likely and none is drawn twice. LEMUR's Fig. 3 plots the same cosine over the items that
 * a step writes, as {@link MemoryBank.write} reports it. Those are mostly popular items.
 *
 * @throws RangeError if `encode` does not return one vector per item.
 */
export function sampleStaleness({ bank, encode, size, seed, comparedDim }: SampleStalenessOptions): Staleness {
  const ids = drawRows(bank.size, size, seed).map((row) => bank.idAt(row));
  const fresh = ids.length === 0 ? new Float32Array(0) : encode(ids);
  if (fresh.length !== ids.length * bank.dim) {
    throw new RangeError(
      `sampleStaleness: expected encode to return ${ids.length} × ${bank.dim} values, got ${fresh.length}`,
    );
  }
  return stalenessOf(bank, ids, fresh, comparedDim);
}

/** Draws `count` of the numbers 0 … size − 1, in ascending order. Every set is equally likely (Floyd's algorithm). */
function drawRows(size: number, count: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const drawn = new Set<number>();
  for (let last = size - Math.min(size, count); last < size; last++) {
    const row = Math.floor(random() * (last + 1));
    drawn.add(drawn.has(row) ? last : row);
  }
  return Int32Array.from(drawn).sort();
}
