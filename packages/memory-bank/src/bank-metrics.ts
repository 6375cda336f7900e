import { seededRandom } from '@sifaka/nn';
import type { ReadableBank } from './readable-bank.js';
import { cosineAt, medianOfSorted } from './vector-math.js';

/** In steps since each stored vector was written; NaN for an empty bank. */
export interface BankAge {
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

/** How old what the bank holds is at a step. */
export function bankAge(bank: ReadableBank, step: number): BankAge {
  const ages = new Int32Array(bank.size);
  let row = 0;
  let total = 0;
  bank.visit((_id, written) => {
    ages[row++] = step - written;
    total += step - written;
  });
  ages.sort();
  return { mean: total / ages.length, median: medianOfSorted(ages), max: ages.at(-1) ?? Number.NaN };
}

export interface SampleStalenessOptions {
  readonly bank: ReadableBank;
  /** Encodes items with the present weights: `[N]` → `[N, dim]`. */
  readonly encode: (ids: Int32Array) => Float32Array;
  /** Items to draw; all, if fewer are stored. */
  readonly size: number;
  readonly seed: number;
}

/** Cosines between stored and fresh vectors of a sample; NaN for an empty bank. 1 is fresh. */
export interface StalenessSample {
  /** Items that were compared. */
  readonly size: number;
  /** LEMUR, Fig. 3, over stored items instead of those just encoded. */
  readonly mean: number;
  readonly median: number;
  readonly min: number;
}

/**
 * How far the bank has fallen behind the encoders: draws stored items, all equally likely and none twice, encodes them and compares. (The
 * cosine that a write reports is of the batch's candidates only, hence of the popular.) The bank is only read.
 *
 * @throws RangeError if `encode` does not return a vector per item.
 */
export function sampleStaleness({ bank, encode, size, seed }: SampleStalenessOptions): StalenessSample {
  const { dim } = bank;
  const ids = drawRows(bank.size, size, seed).map((row) => bank.idAt(row));
  const fresh = ids.length === 0 ? new Float32Array(0) : encode(ids);
  if (fresh.length !== ids.length * dim) {
    throw new RangeError(
      `sampleStaleness: expected encode to return ${ids.length} × ${dim} values, got ${fresh.length}`,
    );
  }
  const { vectors } = bank.reader().read(ids);
  const cosines = Float64Array.from(ids, (_, i) => cosineAt(vectors, i * dim, fresh, i * dim, dim)).sort();
  return {
    size: ids.length,
    mean: cosines.reduce((a, b) => a + b, 0) / cosines.length,
    median: medianOfSorted(cosines),
    min: cosines[0] ?? Number.NaN,
  };
}

/** `count` of the numbers 0 … size − 1, each set equally likely, in rising order (Floyd's algorithm). */
function drawRows(size: number, count: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const drawn = new Set<number>();
  for (let last = size - Math.min(size, count); last < size; last++) {
    const row = Math.floor(random() * (last + 1));
    drawn.add(drawn.has(row) ? last : row);
  }
  return Int32Array.from(drawn).sort();
}
