import type { VectorStorage } from '../rows/vector-codec.js';
import type { EvictionRule } from './eviction.js';

/** A file could name a width for which a single row takes gigabytes. */
const LARGEST_DIM = 65_536;

/**
 * A change of a bank. Every change of its rows is announced by one of these, so that a store behind the bank can follow
 * all of them.
 */
export type BankChange =
  /** After rows were stored by `write`, `merge` or `restore`. */
  | { readonly kind: 'write' | 'merge' | 'restored'; readonly ids: Int32Array }
  /** Before items are removed, while they can still be read. `ids` includes items that the bank does not hold. */
  | { readonly kind: 'remove'; readonly ids: Int32Array }
  /** Before an item is evicted, while it can still be read. */
  | { readonly kind: 'evict'; readonly ids: Int32Array }
  /** Before a snapshot with these rows replaces all rows, which can still be read. */
  | { readonly kind: 'restore'; readonly ids: Int32Array; readonly versions: Int32Array };

/** Callbacks of a bank. A snapshot does not contain them; {@link MemoryBank.restore} keeps them. */
export interface BankHooks {
  /** Called once per change that has ids. Must not change the bank. */
  readonly onChange?: (change: BankChange) => void;
  /**
   * Last version of an item that the bank does not hold. Its next write gets the version after it. For a bank in front
   * of a store, which keeps the rows of evicted items. Default: 0 for all.
   */
  readonly lastVersion?: (id: number) => number;
}

export interface MemoryBankOptions extends BankHooks {
  /** Width of the vectors, at most 65,536. */
  readonly dim: number;
  /** How vectors are stored. Default `float32`. */
  readonly storage?: VectorStorage;
  /** Maximum number of items. Default: no limit. */
  readonly capacity?: number | undefined;
  /** Item that a full bank evicts. Default `oldest`. */
  readonly evict?: EvictionRule;
  /** Rows to allocate at once. The bank grows when needed. Default 1024. */
  readonly initialCapacity?: number;
}

/** @throws RangeError for an invalid option. */
export function assertOptions({ dim, capacity, evict = 'oldest' }: MemoryBankOptions): void {
  if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`MemoryBank: expected a positive dim, got ${dim}`);
  if (dim > LARGEST_DIM) throw new RangeError(`MemoryBank: expected a dim of at most ${LARGEST_DIM}, got ${dim}`);
  if (capacity !== undefined && !(Number.isInteger(capacity) && capacity > 0)) {
    throw new RangeError(`MemoryBank: expected a positive capacity, got ${capacity}`);
  }
  if (evict !== 'oldest' && evict !== 'leastRead') {
    throw new RangeError(`MemoryBank: expected evict oldest or leastRead, got ${evict}`);
  }
}
