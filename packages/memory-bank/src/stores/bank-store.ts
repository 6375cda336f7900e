import type { BankRows } from '../rows/bank-rows.js';

/**
 * Where rows live beyond this process. The interface is asynchronous: it is what a disk or a server can do. One contract suite
 * (`test/store-contract.ts`) runs over every implementation.
 */
export interface BankStore {
  /** What it is, for messages: `memory`, `lmdb`, `redis`. */
  readonly kind: string;
  /** Width of the vectors. */
  readonly dim: number;

  /** Of `ids`, those that are stored, in their order; missing ones are left out. */
  read(ids: ArrayLike<number>): Promise<BankRows>;

  /**
   * Replaces rows of the same ids; a resolved promise is an acknowledgement. All or nothing per call. A row with a smaller version than
   * the stored one does not replace it, so that a late re-sync cannot undo newer writes; an equal version does.
   *
   * @throws RangeError if the arrays' lengths disagree, an id is not a whole number in 0 … 2³¹ − 1, or a value is not finite.
   */
  write(rows: BankRows): Promise<void>;

  /** Forgets these ids; unknown ones are ignored. */
  remove(ids: ArrayLike<number>): Promise<void>;

  count(): Promise<number>;

  /** All rows, in batches of at most `batch`, in no particular order. */
  scan(batch?: number): AsyncIterable<BankRows>;

  /**
   * Names the store's current incarnation. The name changes when the store may have lost rows that it had acknowledged, as after a restart
   * or a failover of its server; its writers then send all rows again. Stores that never lose acknowledged rows leave this method out.
   */
  incarnation?(): Promise<string>;

  /** Lets go of what the store holds open. Calling it twice is harmless. */
  close(): Promise<void>;
}
