import type { Nearest, NearestOptions } from './nearest.js';

/** Stored vectors of some ids. */
export interface BankRead {
  /** `[N, dim]`; zeros for missing items. */
  readonly vectors: Float32Array;
  /** `[N]`: 1 for a stored item, 0 for a missing one. */
  readonly found: Uint8Array;
  /** `[N]` step of each item's last write; −1 for a missing item. */
  readonly steps: Int32Array;
}

/** Called with the facts about a stored item. */
export type RowVisitor = (
  id: number,
  /** Step of the last write. */
  step: number,
  /** Number of writes. */
  version: number,
  /** Number of reads. */
  reads: number,
  /** Number of reads since the last write. */
  readsSinceWrite: number,
) => void;

/**
 * A bank that can be read, but not written: the interface for evaluation, metrics and serving. Its methods throw a
 * RangeError for an id that is not an integer below 2³¹. Negative ids are padding, which no bank holds.
 */
export interface ReadableBank {
  /** Width of the vectors. */
  readonly dim: number;
  /** Number of items. */
  readonly size: number;
  has(id: number): boolean;
  /**
   * Reads vectors.
   *
   * @param ids `[N]`; negative ids are padding and read as missing
   * @param into `[N, dim]` receives the vectors and is returned. Reusing one array saves a fifth of the time. Default:
   *   a new array.
   * @throws RangeError if `into` does not have `ids · dim` values.
   */
  read(ids: ArrayLike<number>, into?: Float32Array): BankRead;
  /** Number of writes of an item; 0 if it is not stored. */
  version(id: number): number;
  /** Number of reads of an item; 0 if it is not stored. */
  reads(id: number): number;
  /** The id of the item in a row, 0 … size − 1, for drawing samples. @throws RangeError for any other row. */
  idAt(row: number): number;
  /** Visits all rows in order. Do not write to the bank during the visit. */
  visit(visitor: RowVisitor): void;
  /** The `k` items with the highest cosine to `query`, exactly. @throws RangeError if the query has another width. */
  nearest(query: ArrayLike<number>, k: number, options?: NearestOptions): Nearest;
  /** A read-only view of this bank. Its reads are not counted. */
  reader(): ReadableBank;
}
