import type { BankSnapshotInput } from '../bank/bank-snapshot.js';
import { type BankWrite, MemoryBank } from '../bank/memory-bank.js';
import type { MemoryBankOptions } from '../bank/memory-bank-options.js';
import type { BankRows } from '../rows/bank-rows.js';
import type { BankStore } from '../stores/bank-store.js';
import { pickRows } from './pick-rows.js';
import type { SyncMetrics, SyncOptions } from './sync-options.js';
import { WriteBehind } from './write-behind.js';

export interface SyncedBankOptions extends SyncOptions {
  /** Borrowed: closing it is the caller's. */
  readonly store: BankStore;
  /**
   * How the bank in front is made. Its width is the store's; eviction is `leastRead` by default, because what comes back from the store is
   * old, and `oldest` would soon drop it again.
   */
  readonly bank?: Omit<MemoryBankOptions, 'dim' | 'onWrite' | 'onEvict' | 'lastVersion'> | undefined;
  /** What the bank in front holds to begin with, in place of `bank`: a checkpoint's. */
  readonly snapshot?: BankSnapshotInput | undefined;
}

/**
 * A {@link MemoryBank} that stays in step with a {@link BankStore}: training reads and writes the bank at once and at full speed, what it
 * wrote follows to the store in batches, and what other processes wrote comes with {@link prefetch}. While the store is away training goes
 * on with what is here; when it returns it gets what it missed.
 *
 * Of two rows of an item the one with the larger version stays, here and in the store, and of equal ones the store's. So processes that
 * share a store agree once each has flushed and then prefetched.
 */
export class SyncedBank {
  /** The bank that the training step reads and writes; every write to it follows to the store. */
  readonly local: MemoryBank;
  readonly #behind: WriteBehind;
  /** The largest version that this bank has forgotten. An item that comes anew starts above it, else its own old row in the store would win. */
  #forgottenVersion = 0;

  private constructor({ store, bank, snapshot, ...options }: SyncedBankOptions) {
    this.#behind = new WriteBehind(store, () => this.local, options);
    const hooks = {
      onWrite: (ids: Int32Array) => this.#behind.write(ids),
      onEvict: (id: number) => this.#forget(id),
      lastVersion: () => this.#forgottenVersion,
    };
    this.local =
      snapshot === undefined
        ? new MemoryBank({ evict: 'leastRead', ...bank, dim: store.dim, ...hooks })
        : MemoryBank.from(snapshot, hooks);
  }

  /**
   * Loads what the store holds; what is more than the capacity is evicted again, and comes by {@link prefetch}.
   *
   * @throws RangeError if the snapshot is of another width.
   * @throws what the store throws: a run begins with its store or not at all.
   */
  static async open(options: SyncedBankOptions): Promise<SyncedBank> {
    const { store, snapshot } = options;
    if (snapshot !== undefined && snapshot.dim !== store.dim) {
      throw new RangeError(`SyncedBank: expected a snapshot of dim ${store.dim}, as its store, got ${snapshot.dim}`);
    }
    const synced = new SyncedBank(options);
    await synced.#behind.start();
    for await (const rows of store.scan()) synced.#take(rows);
    if (snapshot !== undefined) synced.#behind.writeAll();
    return synced;
  }

  /** As {@link MemoryBank.write} of {@link local}; returns at once, the rows follow. */
  write(ids: ArrayLike<number>, vectors: Float32Array, step: number): BankWrite {
    return this.local.write(ids, vectors, step);
  }

  /** Forgets these ids here at once and in the store soon; another process may still hold them, and write them again. */
  remove(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) this.#forget(ids[i]!);
    this.local.remove(ids);
    this.#behind.remove(ids);
  }

  /**
   * Brings what the store holds for these ids: newer rows of other processes, and rows that were evicted here. Await it before the step that
   * reads them, or beside the step before. A store that is away brings nothing, and is not waited for.
   *
   * @param ids negative ones (padding) are ignored.
   * @returns how many rows were new here.
   * @throws RangeError if the local bank cannot hold a row (float16 has no magnitudes from 65,520).
   */
  async prefetch(ids: ArrayLike<number>): Promise<number> {
    const wanted = Array.from(new Set(Array.from(ids))).filter((id) => id >= 0);
    const waiting = this.#behind.rows.rows(wanted.filter((id) => !this.local.has(id)));
    const restored = this.local.merge(waiting);
    if (this.metrics.away) return restored;
    // A failure is counted, warned of and retried by whoever asks the store.
    const rows = await this.#behind.ask((store) => store.read(wanted)).catch(() => undefined);
    return rows === undefined ? restored : restored + this.#take(rows);
  }

  /** How the store is keeping up. */
  get metrics(): SyncMetrics {
    return this.#behind.metrics;
  }

  /** Resolves when the store has acknowledged everything. @throws what the store throws, at the first failure. */
  async flush(): Promise<void> {
    await this.#behind.flush();
  }

  /**
   * Flushes and ends; {@link local} goes on as an ordinary bank. Twice is harmless.
   *
   * @throws Error saying how many rows the store did not take.
   */
  async close(): Promise<void> {
    try {
      await this.#behind.close();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`SyncedBank.close: ${this.metrics.pending} rows are not in the store: ${reason}`, { cause });
    }
  }

  #forget(id: number): void {
    this.#forgottenVersion = Math.max(this.#forgottenVersion, this.local.version(id));
  }

  /** Merges rows of the store, except those that what waits to be sent makes old. @returns how many were new here. */
  #take(rows: BankRows): number {
    const { ids, versions } = rows;
    const news = ids.map((id, i) => (this.#behind.isNews(id, versions[i]!) ? i : -1)).filter((i) => i >= 0);
    const unknown = news.filter((i) => this.local.version(ids[i]!) < versions[i]!).length;
    this.local.merge(news.length === ids.length ? rows : pickRows(rows, news));
    return unknown;
  }
}
