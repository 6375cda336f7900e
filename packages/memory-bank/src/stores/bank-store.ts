import type { BankRows } from '../rows/bank-rows.js';

/**
 * Keeps a bank's rows outside the bank, for example on a disk or a server. All implementations pass one contract suite
 * (`test/store-contract.ts`).
 */
export interface BankStore {
  /** Name for messages: `memory`, `lmdb` or `redis`. */
  readonly kind: string;
  /** Width of the vectors. */
  readonly dim: number;

  /**
   * The rows of `ids`, in their order. Omits padding (negative ids) and ids that are not stored.
   *
   * @throws RangeError if an id is not an integer below 2³¹.
   */
  read(ids: ArrayLike<number>): Promise<BankRows>;

  /**
   * Stores rows and replaces rows of the same ids. The resolved promise is the acknowledgement. A call writes all of
   * its rows or none. A row with a smaller version than the stored one is skipped, so that a late writer cannot undo
   * newer writes. An equal version replaces it.
   *
   * @throws RangeError if the lengths of the arrays differ, an id is not an integer in 0 … 2³¹ − 1, or a value is not
   *   finite or too large for the storage.
   */
  write(rows: BankRows): Promise<void>;

  /** Removes rows. Unknown ids and padding are ignored. @throws RangeError as {@link read}. */
  remove(ids: ArrayLike<number>): Promise<void>;

  /** Number of rows. */
  count(): Promise<number>;

  /** All rows, in any order, in batches of at most `batch` rows. @throws RangeError if it is not positive. */
  scan(batch?: number): AsyncIterable<BankRows>;

  /**
   * Names the store's current incarnation. The name changes when the store may have lost rows that it had acknowledged,
   * such as after a restart or a failover of its server. Its writers then send all rows again. Stores that never lose
   * acknowledged rows omit this method.
   */
  incarnation?(): Promise<string>;

  /** Releases the store's resources. May be called twice. */
  close(): Promise<void>;
}
