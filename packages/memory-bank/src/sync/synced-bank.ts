import type { BankSnapshotInput } from '../bank/bank-snapshot.js';
import { type BankWrite, type BankWriteOptions, MemoryBank } from '../bank/memory-bank.js';
import type { BankChange, MemoryBankOptions } from '../bank/memory-bank-options.js';
import type { BankRows } from '../rows/bank-rows.js';
import { assertIds } from '../rows/check-ids.js';
import type { BankStore } from '../stores/bank-store.js';
import { pickRows } from './pick-rows.js';
import type { SyncMetrics, SyncOptions } from './sync-options.js';
import { WriteBehind } from './write-behind.js';

export interface SyncedBankOptions extends SyncOptions {
  /** Borrowed: the caller closes it. */
  readonly store: BankStore;
  /**
   * Options of the local bank. Its width is that of the store. Eviction is `leastRead` by default, because rows from
   * the store are old and `oldest` would soon evict them again.
   */
  readonly bank?: Omit<MemoryBankOptions, 'dim' | 'onChange' | 'lastVersion'> | undefined;
  /** Initial content of the local bank, from a checkpoint. Replaces `bank`. */
  readonly snapshot?: BankSnapshotInput | undefined;
}

/**
 * Keeps a {@link MemoryBank} in sync with a {@link BankStore}. Training reads and writes the local bank at full speed.
 * Written rows are sent to the store in batches. {@link prefetch} fetches rows that other processes wrote. While the
 * store is away, training continues with the local bank; when the store is back, it receives the rows that it missed.
 *
 * If the bank and the store both have a row of an item, the larger version wins. On a tie, the store's row wins.
 * Processes that share a store therefore agree after each has flushed and then prefetched.
 */
export class SyncedBank {
  /**
   * The bank that the training step reads and writes. The store follows all of its changes:
   *
   * - Rows of `write` and `merge` are sent, and items of `remove` are removed from the store.
   * - Evicted items stay in the store, and {@link prefetch} fetches them.
   * - After `restore`, the store gets the restored rows, also where it had later versions that this bank knew. Other
   *   items leave the bank as evicted ones do.
   */
  readonly local: MemoryBank;
  readonly #behind: WriteBehind;
  /**
   * The largest version among evicted and removed rows. A new item starts above it; otherwise its old row in the store
   * would win.
   */
  #forgottenVersion = 0;
  /** Whether the local bank is taking rows that the store or the queue already has. */
  #taking = false;

  private constructor({ store, bank, snapshot, ...options }: SyncedBankOptions) {
    this.#behind = new WriteBehind(store, () => this.local, options);
    const hooks = {
      onChange: (change: BankChange) => this.#follow(change),
      lastVersion: () => this.#forgottenVersion,
    };
    this.local =
      snapshot === undefined
        ? new MemoryBank({ evict: 'leastRead', ...bank, dim: store.dim, ...hooks })
        : MemoryBank.from(snapshot, hooks);
  }

  /**
   * Loads the rows of the store into a local bank. Rows beyond the capacity are evicted again; {@link prefetch} fetches
   * them when needed.
   *
   * @throws RangeError if the snapshot has another width, or if a number of rows in the options is not a positive
   *   integer.
   * @throws the store's error if it cannot be read: a run does not start without its store.
   */
  static async open(options: SyncedBankOptions): Promise<SyncedBank> {
    const { store, snapshot } = options;
    if (snapshot !== undefined && snapshot.dim !== store.dim) {
      throw new RangeError(`SyncedBank: expected a snapshot of dim ${store.dim} as in its store, got ${snapshot.dim}`);
    }
    const synced = new SyncedBank(options);
    await synced.#behind.start();
    for await (const rows of store.scan()) synced.#take(rows);
    if (snapshot !== undefined) synced.#behind.writeAll();
    return synced;
  }

  /** `local.write`. Returns at once; the rows are sent later. */
  write(ids: ArrayLike<number>, vectors: Float32Array, step: number, options?: BankWriteOptions): BankWrite {
    return this.local.write(ids, vectors, step, options);
  }

  /**
   * `local.remove`: removes items from the local bank at once and from the store later. Another process may still have
   * them and write them again.
   */
  remove(ids: ArrayLike<number>): void {
    this.local.remove(ids);
  }

  /**
   * Fetches rows from the store: newer rows of other processes, and rows that were evicted here. Await it before the
   * step that reads them, or run it during the previous step. Does not wait for a store that is away.
   *
   * @param ids negative ids (padding) are ignored
   * @returns the number of rows that were new here.
   * @throws RangeError if an id is not an integer below 2³¹, or a row is too large for the local bank (float16 has no
   *   magnitudes from 65,520).
   */
  async prefetch(ids: ArrayLike<number>): Promise<number> {
    assertIds('SyncedBank.prefetch', ids);
    const wanted = Array.from(new Set(Array.from(ids))).filter((id) => id >= 0);
    const waiting = this.#behind.rows.rows(wanted.filter((id) => !this.local.has(id)));
    const restored = this.#merge(waiting);
    if (this.metrics.away) return restored;
    // WriteBehind counts, reports and retries a failure.
    const rows = await this.#behind.call((store) => store.read(wanted)).catch(() => undefined);
    return rows === undefined ? restored : restored + this.#take(rows);
  }

  /** State of the synchronization. */
  get metrics(): SyncMetrics {
    return this.#behind.metrics;
  }

  /** Resolves when the store has acknowledged all rows. @throws the store's error, at the first failure. */
  async flush(): Promise<void> {
    await this.#behind.flush();
  }

  /**
   * Flushes and stops. {@link local} remains usable as an ordinary bank. May be called twice.
   *
   * @throws Error with the number of rows that are not in the store.
   */
  async close(): Promise<void> {
    try {
      await this.#behind.close();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`SyncedBank.close: ${this.metrics.pending} rows are not in the store: ${reason}`, { cause });
    }
  }

  #follow(change: BankChange): void {
    switch (change.kind) {
      case 'write':
      case 'restored':
        this.#behind.write(change.ids);
        return;
      case 'merge':
        if (!this.#taking) this.#behind.write(change.ids);
        return;
      case 'remove':
        for (const id of change.ids) this.#forget(id);
        this.#behind.remove(change.ids);
        return;
      case 'evict':
        for (const id of change.ids) this.#forget(id);
        return;
      case 'restore':
        this.#rollBack(change.ids, change.versions);
        return;
      default:
        change satisfies never;
    }
  }

  /**
   * Prepares for a snapshot with these rows. A store skips rows that are older than its own, so later rows are removed
   * first.
   */
  #rollBack(ids: Int32Array, versions: Int32Array): void {
    const later = ids.filter((id, i) => {
      // Versions in the queue are not above these.
      const known = this.local.has(id) ? this.local.version(id) : this.#forgottenVersion;
      return known > versions[i]!;
    });
    const kept = new Set(ids);
    this.local.visit((id) => {
      if (!kept.has(id)) this.#forget(id);
    });
    this.#behind.remove(later);
  }

  /** Merges rows that need not be sent. */
  #merge(rows: BankRows): number {
    this.#taking = true;
    try {
      return this.local.merge(rows);
    } finally {
      this.#taking = false;
    }
  }

  #forget(id: number): void {
    this.#forgottenVersion = Math.max(this.#forgottenVersion, this.local.version(id));
  }

  /**
   * Merges rows of the store, except those with a newer row in the queue.
   *
   * @returns the number of rows that were new here.
   */
  #take(rows: BankRows): number {
    const { ids, versions } = rows;
    const news = ids.map((id, i) => (this.#behind.isNews(id, versions[i]!) ? i : -1)).filter((i) => i >= 0);
    const unknown = news.filter((i) => this.local.version(ids[i]!) < versions[i]!).length;
    this.#merge(news.length === ids.length ? rows : pickRows(rows, news));
    return unknown;
  }
}
