import type { VectorStorage } from '../rows/vector-codec.js';
import type { EvictionRule } from './eviction.js';

export interface MemoryBankOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** How vectors are kept. Default `float32`. */
  readonly storage?: VectorStorage;
  /** The most items that are kept. Default: no limit. */
  readonly capacity?: number | undefined;
  /** Who gives way when the bank is full. Default `oldest`. */
  readonly evict?: EvictionRule;
  /** Rows to make room for at once; the bank grows beyond. Default 1024. */
  readonly initialCapacity?: number;
  /** Called with the ids of every {@link MemoryBank.write}, once they are stored. */
  readonly onWrite?: (ids: Int32Array) => void;
  /** Called for an item that is about to give way to another, while it can still be read. */
  readonly onEvict?: (id: number) => void;
  /**
   * The version that an item which is not stored had before, for a bank in front of a store that remembers what was evicted here; the next
   * writing counts from it. Default 0.
   */
  readonly lastVersion?: (id: number) => number;
}

/** @throws RangeError naming the option that is not what it should be. */
export function assertOptions({ dim, capacity, evict = 'oldest' }: MemoryBankOptions): void {
  if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`MemoryBank: expected a positive dim, got ${dim}`);
  if (capacity !== undefined && !(Number.isInteger(capacity) && capacity > 0)) {
    throw new RangeError(`MemoryBank: expected a positive capacity, got ${capacity}`);
  }
  if (evict !== 'oldest' && evict !== 'leastRead') {
    throw new RangeError(`MemoryBank: expected evict oldest or leastRead, got ${evict}`);
  }
}
