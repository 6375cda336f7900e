import type { VectorStorage } from '../rows/vector-codec.js';
import type { EvictionRule } from './eviction.js';

export interface MemoryBankOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** How vectors are stored. Default `float32`. */
  readonly storage?: VectorStorage;
  /** Maximum number of items. Default: no limit. */
  readonly capacity?: number | undefined;
  /** Item that a full bank evicts. Default `oldest`. */
  readonly evict?: EvictionRule;
  /** Rows to allocate at once. The bank grows when needed. Default 1024. */
  readonly initialCapacity?: number;
  /** Called after every {@link MemoryBank.write} with its ids. */
  readonly onWrite?: (ids: Int32Array) => void;
  /** Called before an item is evicted, while it can still be read. */
  readonly onEvict?: (id: number) => void;
  /**
   * Last version of an item that the bank does not hold. Its next write gets the version after it. For a bank in front
   * of a store, which keeps the rows of evicted items. Default: 0 for all.
   */
  readonly lastVersion?: (id: number) => number;
}

/** @throws RangeError for an invalid option. */
export function assertOptions({ dim, capacity, evict = 'oldest' }: MemoryBankOptions): void {
  if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`MemoryBank: expected a positive dim, got ${dim}`);
  if (capacity !== undefined && !(Number.isInteger(capacity) && capacity > 0)) {
    throw new RangeError(`MemoryBank: expected a positive capacity, got ${capacity}`);
  }
  if (evict !== 'oldest' && evict !== 'leastRead') {
    throw new RangeError(`MemoryBank: expected evict oldest or leastRead, got ${evict}`);
  }
}
