import { MemoryBank } from '../bank/memory-bank.js';
import type { BankRows } from '../rows/bank-rows.js';
import { assertBatch, assertIds } from '../rows/check-ids.js';
import type { VectorStorage } from '../rows/vector-codec.js';
import type { BankStore } from './bank-store.js';

export interface MemoryStoreOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** How vectors are stored. Default `float32`. */
  readonly storage?: VectorStorage;
}

/** A store in the memory of this process, for tests and as the simplest implementation. */
export class MemoryStore implements BankStore {
  readonly kind = 'memory';
  readonly dim: number;
  readonly #bank: MemoryBank;
  #closed = false;

  /** @throws RangeError as {@link MemoryBank}. */
  constructor(options: MemoryStoreOptions) {
    this.#bank = new MemoryBank(options);
    this.dim = options.dim;
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    this.#assertOpen();
    assertIds('MemoryStore.read', ids);
    return this.#bank.rows(ids);
  }

  async write(rows: BankRows): Promise<void> {
    this.#assertOpen();
    this.#bank.merge(rows);
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    this.#assertOpen();
    assertIds('MemoryStore.remove', ids);
    this.#bank.remove(ids);
  }

  async count(): Promise<number> {
    this.#assertOpen();
    return this.#bank.size;
  }

  async *scan(batch = 1024): AsyncIterable<BankRows> {
    assertBatch('MemoryStore.scan', batch);
    this.#assertOpen();
    // Copies the ids first, because a removal during the scan moves another row.
    const ids = Int32Array.from({ length: this.#bank.size }, (_, row) => this.#bank.idAt(row));
    for (let start = 0; start < ids.length; start += batch) yield this.read(ids.subarray(start, start + batch));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('MemoryStore: the store is closed');
  }
}
