import type { Database, RootDatabase } from 'lmdb';
import type { BankRows } from '../../rows/bank-rows.js';
import { assertBatch, assertIds, LARGEST_INT } from '../../rows/check-ids.js';
import { checkBankRows } from '../../rows/check-rows.js';
import { type VectorStorage, vectorCodec } from '../../rows/vector-codec.js';
import type { BankStore } from '../bank-store.js';
import { RowBytes } from '../row-bytes.js';
import { checkDataFile } from './check-data-file.js';
import { type Environment, openEnvironment } from './environments.js';
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

/** Format 1 had no checksums. Its stores are refused. */
const FORMAT = 2;
const ID_BYTES = 4;

/**
 * Stores rows on the local disk, in LMDB: a memory-mapped B-tree with copy-on-write transactions. A process that is
 * killed at any moment leaves the last complete state. A write is acknowledged after it is flushed to disk. Several
 * processes may share a store, and one process may open it several times.
 */
export class LmdbStore implements BankStore {
  readonly kind = 'lmdb';
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly #path: string;
  readonly #environment: Environment;
  readonly #root: RootDatabase;
  readonly #rows: Database<Buffer, number>;
  readonly #bytes: RowBytes;
  readonly #limit: number;
  #closed: Promise<void> | undefined;

  private constructor(path: string, environment: Environment, { dim, storage }: StoreFormat) {
    const { root } = environment;
    this.#path = path;
    this.dim = dim;
    this.storage = storage;
    this.#environment = environment;
    this.#root = root;
    this.#rows = root.openDB({ name: 'rows', keyEncoding: 'uint32', encoding: 'binary' });
    this.#bytes = new RowBytes(dim, storage);
    this.#limit = vectorCodec(storage).limit;
  }

  /**
   * Opens a store, or creates one. Reads the whole file of an existing store, to check it, unless this process already
   * has it open.
   *
   * @throws {@link LmdbStoreError} if `lmdb` is not installed, the folder cannot be opened, its data are damaged or of
   *   another program, or the store has another width or storage.
   * @throws RangeError if the width is not a positive integer or the storage is unknown.
   */
  static async open({ path, dim, storage }: LmdbStoreOptions): Promise<LmdbStore> {
    if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`LmdbStore: expected a positive dim, got ${dim}`);
    vectorCodec(storage ?? 'float32');
    const { open } = await importLmdb(path);
    const environment = await openEnvironment(path, async () => {
      await checkDataFile(path);
      try {
        // Without overlappingSync, a commit returns after its pages are on disk. A resolved write is then an
        // acknowledgement.
        return open({ path, noSubdir: false, maxDbs: 2, overlappingSync: false });
      } catch (cause) {
        throw new LmdbStoreError(path, `the folder cannot be opened (${(cause as Error).message})`, { cause });
      }
    });
    const { root } = environment;
    try {
      const about = await root.transaction(() => {
        const found = readFormat(path, root);
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
      return new LmdbStore(path, environment, about);
    } catch (error) {
      await environment.release();
      if (LmdbStoreError.isInstance(error)) throw error;
      throw new LmdbStoreError(path, `the store cannot be read (${(error as Error).message})`, { cause: error });
    }
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    this.#assertOpen();
    assertIds('LmdbStore.read', ids);
    return this.#explained(() => {
      const found: number[] = [];
      const rows: Uint8Array[] = [];
      for (let i = 0; i < ids.length; i++) {
        // Padding is not a key. As an unsigned key it would be the largest id.
        const row = ids[i]! < 0 ? undefined : this.#rows.getBinary(ids[i]!);
        if (row === undefined) continue;
        this.#assertWhole(ids[i]!, row);
        found.push(ids[i]!);
        rows.push(row);
      }
      return this.#bytes.unpack(found, rows);
    });
  }

  async write(rows: BankRows): Promise<void> {
    this.#assertOpen();
    // Check before the transaction, because an error inside it does not undo earlier puts.
    checkBankRows('LmdbStore.write', rows, this.dim, this.#limit);
    const block = this.#bytes.pack(rows);
    const stride = ID_BYTES + this.#bytes.size;
    await this.#transaction(() => {
      const newest = new Map<number, number>();
      const taken: number[] = [];
      for (let i = 0; i < rows.ids.length; i++) {
        const id = rows.ids[i]!;
        const known = newest.get(id) ?? this.#storedVersion(id, rows.versions[i]!);
        if (known > rows.versions[i]!) continue;
        newest.set(id, rows.versions[i]!);
        taken.push(i);
      }
      for (const i of taken) {
        void this.#rows.put(rows.ids[i]!, block.subarray(i * stride + ID_BYTES, (i + 1) * stride));
      }
    });
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    this.#assertOpen();
    assertIds('LmdbStore.remove', ids);
    await this.#transaction(() => {
      for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) void this.#rows.remove(ids[i]!);
    });
  }

  async count(): Promise<number> {
    this.#assertOpen();
    return this.#explained(() => this.#rows.getCount());
  }

  async *scan(batch = 1024): AsyncIterable<BankRows> {
    assertBatch('LmdbStore.scan', batch);
    // One range per batch. An open range would keep all replaced pages alive.
    for (let start = 0; ; ) {
      this.#assertOpen();
      const entries = await this.#explained(() => [...this.#rows.getRange({ start, limit: batch })]);
      if (entries.length === 0) return;
      for (const { key, value } of entries) this.#assertWhole(key, value);
      start = entries.at(-1)!.key + 1;
      yield this.#bytes.unpack(
        entries.map(({ key }) => key),
        entries.map(({ value }) => value),
      );
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#environment.release();
    return this.#closed;
  }

  async #transaction(body: () => void): Promise<void> {
    await this.#explained(async () => this.#root.transaction(body));
  }

  /** Names the store in LMDB's errors, such as a full disk or a damaged page. */
  async #explained<T>(body: () => T | Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      if (LmdbStoreError.isInstance(cause)) throw cause;
      throw new LmdbStoreError(this.#path, cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** Version of a stored row, or −1. A damaged row could block all later writes, so a larger version is checked. */
  #storedVersion(id: number, version: number): number {
    const row = this.#rows.getBinaryFast(id);
    if (row === undefined) return -1;
    const known = row.length === this.#bytes.size ? row.readInt32LE(0) : Number.POSITIVE_INFINITY;
    if (known > version) this.#assertWhole(id, row);
    return known;
  }

  #assertWhole(id: number, row: Uint8Array): void {
    const fault = id > LARGEST_INT ? `expected ids below 2³¹` : this.#bytes.faultOf(id, row);
    if (fault !== undefined) throw new LmdbStoreError(this.#path, `item ${id}: ${fault}`);
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new LmdbStoreError(this.#path, 'the store is closed');
  }
}

/** @throws {@link LmdbStoreError} if the record is damaged, or if the database has other entries than a store's. */
function readFormat(path: string, root: RootDatabase): StoreFormat | undefined {
  let found: unknown;
  let keys: unknown[];
  try {
    found = root.get('about');
    keys = [...root.getKeys()];
  } catch (cause) {
    throw new LmdbStoreError(path, `the record of its format is damaged (${(cause as Error).message})`, { cause });
  }
  // A damaged name would hide all rows.
  const other = keys.find((key) => key !== 'about' && key !== 'rows');
  if (other !== undefined || (found === undefined && keys.length > 0)) {
    const entry = JSON.stringify(String(other ?? keys[0]).slice(0, 40));
    throw new LmdbStoreError(path, `expected a store of @sifaka/memory-bank, got an LMDB database with ${entry}`);
  }
  if (found === undefined) return undefined;
  if (typeof found === 'object' && found !== null && 'format' in found) return found as StoreFormat;
  throw new LmdbStoreError(path, `expected a record of its format, got ${JSON.stringify(found)?.slice(0, 80)}`);
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
