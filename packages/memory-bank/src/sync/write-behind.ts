import { MemoryBank } from '../bank/memory-bank.js';
import type { BankRows } from '../rows/bank-rows.js';
import type { BankStore } from '../stores/bank-store.js';
import { pickRows } from './pick-rows.js';
import { type ResolvedSyncOptions, resolveSyncOptions, type SyncMetrics, type SyncOptions } from './sync-options.js';

/**
 * The queue of a bank's unsent changes: removals and the latest row per id. Sends them to the store in batches, one at
 * a time. Keeps them until they are acknowledged and retries with growing delays.
 */
export class WriteBehind {
  readonly #store: BankStore;
  readonly #local: () => MemoryBank;
  readonly #options: ResolvedSyncOptions;
  readonly #pending: MemoryBank;
  /** Items whose queued row is being sent and has not changed since. */
  #sending = new Set<number>();
  #removals = new Set<number>();
  /** Removals that are being sent. */
  #removing = new Set<number>();
  /** Ids of the local bank to send again. The store skips rows that are older than its own. */
  #sweep = new Int32Array(0);
  /** Whether to send all rows of the local bank once the queue is empty. */
  #sweepDue = false;
  #incarnation: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #failures = 0;
  #failuresInARow = 0;
  #lastSync: number | undefined;
  #overflowed = 0;
  #refused = 0;

  /** @throws RangeError if a number of rows is not a positive integer. */
  constructor(store: BankStore, local: () => MemoryBank, options: SyncOptions) {
    this.#store = store;
    this.#local = local;
    this.#options = resolveSyncOptions(options);
    this.#pending = new MemoryBank({
      dim: store.dim,
      capacity: this.#options.maxPending,
      initialCapacity: Math.min(1024, this.#options.maxPending),
      onChange: ({ kind }) => {
        if (kind !== 'evict') return;
        this.#overflowed++;
        this.#sweepDue = true;
      },
    });
  }

  get metrics(): SyncMetrics {
    return {
      pending: this.#pending.size + this.#removals.size + this.#removing.size + this.#sweep.length,
      overflowed: this.#overflowed,
      refused: this.#refused,
      failures: this.#failures,
      away: this.#failuresInARow > 0,
      lastSync: this.#lastSync,
    };
  }

  /** Rows that are waiting or being sent. */
  get rows(): MemoryBank {
    return this.#pending;
  }

  /** Whether a row from the store is news: the item is not being removed, and the queue has no equal or newer row. */
  isNews(id: number, version: number): boolean {
    if (this.#removals.has(id) || this.#removing.has(id)) return false;
    return !this.#pending.has(id) || this.#pending.version(id) < version;
  }

  /** Call this before loading rows, so that a later loss is noticed. @throws the store's error. */
  async start(): Promise<void> {
    this.#incarnation = await this.#store.incarnation?.();
    this.#lastSync = Date.now();
  }

  /** Queues copies of the local bank's rows of these ids. */
  write(ids: ArrayLike<number>): void {
    if (this.#closed) return;
    for (let i = 0; i < ids.length; i++) this.#sending.delete(ids[i]!);
    this.#pending.merge(this.#local().rows(ids));
    this.#schedule(this.#options.delayMs);
  }

  remove(ids: ArrayLike<number>): void {
    if (this.#closed || ids.length === 0) return;
    for (let i = 0; i < ids.length; i++) this.#sending.delete(ids[i]!);
    this.#pending.remove(ids);
    for (let i = 0; i < ids.length; i++) this.#removals.add(ids[i]!);
    this.#schedule(this.#options.delayMs);
  }

  /** Sends all rows of the local bank, after the queue. */
  writeAll(): void {
    this.#sweepDue = true;
    this.#schedule(this.#options.delayMs);
  }

  /** Calls the store. After a failure, the store counts as away. */
  async call<T>(run: (store: BankStore) => Promise<T>): Promise<T> {
    try {
      const answer = await run(this.#store);
      this.#lastSync = Date.now();
      return answer;
    } catch (error) {
      this.#failures++;
      if (this.#failuresInARow++ === 0) this.#warn(error);
      const { retryMs, longestRetryMs } = this.#options;
      this.#schedule(Math.min(longestRetryMs, retryMs * 2 ** (this.#failuresInARow - 1)));
      throw error;
    }
  }

  /** Resolves when the queue is empty. @throws the store's error, at the first failure. */
  async flush(): Promise<void> {
    do await this.#run();
    while (this.#hasWork());
  }

  /** Sends the queue, then stops. @throws the store's error. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#hasWork()) await this.flush();
      else await this.#running?.catch(() => undefined);
    } finally {
      this.#closed = true;
      clearTimeout(this.#timer);
    }
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#run().catch(() => undefined); // call() counts the failure, warns and schedules the next try.
    }, ms);
  }

  #run(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #hasWork(): boolean {
    return this.metrics.pending > 0 || this.#sweepDue;
  }

  async #sendAll(): Promise<void> {
    await this.#checkForLoss();
    while (this.#hasWork()) {
      if (this.#removals.size > 0) await this.#sendRemovals();
      if (this.#pending.size > 0) await this.#sendRows();
      if (this.#sweep.length > 0) await this.#sendSwept();
      else if (this.#sweepDue && this.#pending.size === 0) this.#startSweep();
    }
    this.#failuresInARow = 0;
  }

  /** A restarted store may have lost acknowledged rows. */
  async #checkForLoss(): Promise<void> {
    const before = this.#incarnation;
    if (this.#store.incarnation !== undefined)
      this.#incarnation = await this.call(async (store) => store.incarnation?.());
    else if (this.#failuresInARow > 0) await this.call((store) => store.count()); // Checks whether the store is back.
    if (before !== this.#incarnation) this.#sweepDue = true;
  }

  #startSweep(): void {
    const local = this.#local();
    this.#sweep = Int32Array.from({ length: local.size }, (_, row) => local.idAt(row));
    this.#sweepDue = false;
  }

  async #sendRemovals(): Promise<void> {
    this.#removing = this.#removals;
    this.#removals = new Set();
    try {
      await this.call((store) => store.remove(Int32Array.from(this.#removing)));
      this.#failuresInARow = 0;
    } catch (error) {
      for (const id of this.#removing) this.#removals.add(id);
      throw error;
    } finally {
      this.#removing = new Set();
    }
  }

  async #sendRows(): Promise<void> {
    const pending = this.#pending;
    const ids = Array.from({ length: Math.min(pending.size, this.#options.batchRows) }, (_, row) => pending.idAt(row));
    const rows = pending.rows(ids);
    this.#sending = new Set(rows.ids);
    await this.#send(rows);
    // Rows written again in the meantime stay in the queue, also those of an equal version.
    pending.remove(Int32Array.from(this.#sending));
  }

  async #sendSwept(): Promise<void> {
    const sweep = this.#sweep;
    await this.#send(this.#local().rows(sweep.subarray(0, this.#options.batchRows)));
    this.#sweep = sweep.subarray(this.#options.batchRows);
  }

  async #send(rows: BankRows): Promise<void> {
    const refusal = await this.call((store) =>
      store.write(rows).catch((error: unknown) => {
        if (error instanceof RangeError) return error; // The store works; a row is wrong.
        throw error;
      }),
    );
    this.#failuresInARow = 0;
    if (refusal === undefined) return;
    if (rows.ids.length === 1) {
      this.#refused++;
      this.#options.onWarning(`SyncedBank: item ${rows.ids[0]} stays local: ${refusal.message}`);
      return;
    }
    // A write is all or nothing. Bisects to find the refused rows and to write the others.
    const indices = Int32Array.from(rows.ids.keys());
    await this.#send(pickRows(rows, indices.subarray(0, indices.length >> 1)));
    await this.#send(pickRows(rows, indices.subarray(indices.length >> 1)));
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning(
      `SyncedBank: the ${this.#store.kind} store is away; continuing with the local bank: ${reason}`,
    );
  }
}
