import type { Nearest, NearestOptions } from './nearest.js';

/** What the bank holds for some ids. */
export interface BankRead {
  /** `[N, dim]`, zeros where nothing is stored. */
  readonly vectors: Float32Array;
  /** 1 where a vector is stored. */
  readonly found: Uint8Array;
  /** The step at which each vector was written; −1 where nothing is stored. */
  readonly steps: Int32Array;
}

/** What is known of a stored item beside its vector. */
export type RowVisitor = (
  id: number,
  /** When it was last written. */
  step: number,
  /** How often it was written. */
  version: number,
  /** How often it was read, and how often of these since it was last written. */
  reads: number,
  readsSinceWrite: number,
) => void;

/** A bank as evaluation and serving see it: it can be read and looked into, not written. */
export interface ReadableBank {
  /** Width of the vectors. */
  readonly dim: number;
  /** Items stored. */
  readonly size: number;
  has(id: number): boolean;
  /**
   * Reads vectors.
   *
   * @param into `[N, dim]`, where the vectors go and which is returned; by default a new array. Giving one saves a fifth of the time.
   * @throws RangeError if `into` has another length than `ids · dim`.
   */
  read(ids: ArrayLike<number>, into?: Float32Array): BankRead;
  /** How often an item was written; 0 for one that is not stored. */
  version(id: number): number;
  /** How often an item was read; 0 for one that is not stored. */
  reads(id: number): number;
  /** The item in a row, 0 … size − 1: for drawing samples. @throws RangeError for a row that is not there. */
  idAt(row: number): number;
  /** Visits every row in order. The bank must not be written meanwhile. */
  visit(visitor: RowVisitor): void;
  /** The `k` items whose vectors have the highest cosine with `query`, exactly. @throws RangeError for a query of another width. */
  nearest(query: ArrayLike<number>, k: number, options?: NearestOptions): Nearest;
  /** A view of this bank that cannot write and whose reads are not counted: for evaluation, metrics, and serving beside training. */
  reader(): ReadableBank;
}
