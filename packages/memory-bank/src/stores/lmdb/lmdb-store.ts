import type { Database, RootDatabase } from 'lmdb';
import type { BankRows } from '../../rows/bank-rows.js';
import { assertBatch, assertIds } from '../../rows/check-ids.js';
import { checkBankRows } from '../../rows/check-rows.js';
import { type VectorStorage, vectorCodec } from '../../rows/vector-codec.js';
import type { BankStore } from '../bank-store.js';
import { RowBytes } from '../row-bytes.js';
import { LmdbStoreError } from './lmdb-store-error.js';

export interface LmdbStoreOptions {
  /** Folder of the store. Created if missing. */
  readonly path: string;
  /** Width of the vectors. */
  readonly dim: number;
  /** How vectors are stored. Default: as in an existing store, `float32` for a new one. */
  readonly storage?: VectorStorage;
}

/** Format record of a store. */
interface StoreFormat {
  readonly format: number;
  readonly dim: number;
  readonly storage: VectorStorage;
}

const FORMAT = 1;
const ID_BYTES = 4;

/**
 * Stores rows on the local disk, in LMDB: a memory-mapped B-tree with copy-on-write transactions. A process that is
 * killed at any moment leaves the last complete state. A write is acknowledged after it is flushed to disk. Several
 * processes may share a store.
 */
export class LmdbStore implements BankStore {
  readonly kind = 'lmdb';
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly #path: string;
  readonly #root: RootDatabase;
  readonly #rows: Database<Buffer, number>;
  readonly #bytes: RowBytes;
  readonly #limit: number;
  #closed: Promise<void> | undefined;

  private constructor(path: string, root: RootDatabase, { dim, storage }: StoreFormat) {
    this.#path = path;
    this.dim = dim;
    this.storage = storage;
    this.#root = root;
    this.#rows = root.openDB({ name: 'rows', keyEncoding: 'uint32', encoding: 'binary' });
    this.#bytes = new RowBytes(dim, storage);
    this.#limit = vectorCodec(storage).limit;
  }

  /**
   * Opens a store, or creates one.
   *
   * @throws {@link LmdbStoreError} if `lmdb` is not installed, the folder cannot be opened, or the store has another
   *   width or storage.
   * @throws RangeError if the width is not a positive integer or the storage is unknown.
   */
  static async open({ path, dim, storage }: LmdbStoreOptions): Promise<LmdbStore> {
    if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`LmdbStore: expected a positive dim, got ${dim}`);
    vectorCodec(storage ?? 'float32');
    const { open } = await importLmdb(path);
    let root: RootDatabase;
    try {
      // Without overlappingSync, a commit returns after its pages are on disk. A resolved write is then an
      // acknowledgement.
      root = open({ path, noSubdir: false, maxDbs: 2, overlappingSync: false });
    } catch (cause) {
      throw new LmdbStoreError(path, `the folder cannot be opened (${(cause as Error).message})`, { cause });
    }
    try {
      const about = await root.transaction(() => {
        const found = root.get('about') as StoreFormat | undefined;
        if (found !== undefined) return found;
        const created = { format: FORMAT, dim, storage: storage ?? 'float32' };
        void root.put('about', created);
        return created;
      });
      const wanted = { format: FORMAT, dim, storage: storage ?? about.storage };
      for (const key of ['format', 'dim', 'storage'] as const) {
        if (about[key] === wanted[key]) continue;
        throw new LmdbStoreError(path, `expected a store of ${key} ${wanted[key]}, got one of ${about[key]}`);
      }
      return new LmdbStore(path, root, about);
    } catch (error) {
      await root.close();
      throw error;
    }
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    this.#assertOpen();
    assertIds('LmdbStore.read', ids);
    const found: number[] = [];
    const rows: Uint8Array[] = [];
    for (let i = 0; i < ids.length; i++) {
      // Padding is not a key. As an unsigned key it would be the largest id.
      const row = ids[i]! < 0 ? undefined : this.#rows.getBinary(ids[i]!);
      if (row === undefined) continue;
      found.push(ids[i]!);
      rows.push(this.#checked(ids[i]!, row));
    }
    return this.#bytes.unpack(found, rows);
  }

  async write(rows: BankRows): Promise<void> {
    this.#assertOpen();
    // Check before the transaction, because an error inside it does not undo earlier puts.
    checkBankRows('LmdbStore.write', rows, this.dim, this.#limit);
    const block = this.#bytes.pack(rows);
    const stride = ID_BYTES + this.#bytes.size;
    await this.#root.transaction(() => {
      for (let i = 0; i < rows.ids.length; i++) {
        const stored = this.#rows.getBinaryFast(rows.ids[i]!);
        if (stored !== undefined && stored.readInt32LE(0) > rows.versions[i]!) continue;
        void this.#rows.put(rows.ids[i]!, block.subarray(i * stride + ID_BYTES, (i + 1) * stride));
      }
    });
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    this.#assertOpen();
    assertIds('LmdbStore.remove', ids);
    await this.#root.transaction(() => {
      for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) void this.#rows.remove(ids[i]!);
    });
  }

  async count(): Promise<number> {
    this.#assertOpen();
    return this.#rows.getCount();
  }

  async *scan(batch = 1024): AsyncIterable<BankRows> {
    assertBatch('LmdbStore.scan', batch);
    // One range per batch. An open range would keep all replaced pages alive.
    for (let start = 0; ; ) {
      this.#assertOpen();
      const entries = [...this.#rows.getRange({ start, limit: batch })];
      if (entries.length === 0) return;
      const ids = entries.map(({ key }) => key);
      start = ids.at(-1)! + 1;
      yield this.#bytes.unpack(
        ids,
        entries.map(({ key, value }) => this.#checked(key, value)),
      );
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#root.close();
    return this.#closed;
  }

  #checked(id: number, row: Uint8Array): Uint8Array {
    if (row.length === this.#bytes.size) return row;
    throw new LmdbStoreError(this.#path, `item ${id}: expected ${this.#bytes.size} bytes, got ${row.length}`);
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new LmdbStoreError(this.#path, 'the store is closed');
  }
}

async function importLmdb(path: string): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const reason = missing
      ? 'the package lmdb is not installed'
      : `the package lmdb does not load (${(cause as Error).message})`;
    throw new LmdbStoreError(path, reason, { command: 'npm install lmdb', cause });
  }
}
