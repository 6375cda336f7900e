import { MemoryBank } from '../bank/memory-bank.js';
import type { BankRows } from '../rows/bank-rows.js';
import type { BankStore } from '../stores/bank-store.js';
import { pickRows } from './pick-rows.js';
import { type ResolvedSyncOptions, resolveSyncOptions, type SyncMetrics, type SyncOptions } from './sync-options.js';

/**
 * What a bank still owes its store: the latest row per id and removals, sent in batches, one at a time; kept until they are
 * acknowledged, retried with growing waits.
 */
export class WriteBehind {
  readonly #store: BankStore;
  readonly #local: () => MemoryBank;
  readonly #options: ResolvedSyncOptions;
  readonly #pending: MemoryBank;
  #removals = new Set<number>();
  /** Removals that are under way. */
  #removing = new Set<number>();
  /** Ids of the local bank that are sent again whatever the store holds: its versions sort out which are newer. */
  #sweep = new Int32Array(0);
  /** Whether the local bank is to be swept once nothing else waits. */
  #sweepDue = false;
  #incarnation: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #failures = 0;
  #inARow = 0;
  #lastSync: number | undefined;
  #overflowed = 0;
  #refused = 0;

  /** @throws RangeError if a number of rows is not positive and whole. */
  constructor(store: BankStore, local: () => MemoryBank, options: SyncOptions) {
    this.#store = store;
    this.#local = local;
    this.#options = resolveSyncOptions(options);
    this.#pending = new MemoryBank({
      dim: store.dim,
      capacity: this.#options.maxPending,
      initialCapacity: Math.min(1024, this.#options.maxPending),
      onEvict: () => {
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
      away: this.#inARow > 0,
      lastSync: this.#lastSync,
    };
  }

  /** Rows that wait, or are under way. */
  get rows(): MemoryBank {
    return this.#pending;
  }

  /** Whether a row that the store holds is news: it was not removed here, and what waits for the item is older. */
  isNews(id: number, version: number): boolean {
    if (this.#removals.has(id) || this.#removing.has(id)) return false;
    return !this.#pending.has(id) || this.#pending.version(id) < version;
  }

  /** To be called before rows are loaded: from here on a loss is noticed. @throws what the store throws. */
  async start(): Promise<void> {
    this.#incarnation = await this.#store.incarnation?.();
    this.#lastSync = Date.now();
  }

  /** Takes copies of what the local bank holds for these ids. */
  write(ids: ArrayLike<number>): void {
    if (this.#closed) return;
    this.#pending.merge(this.#local().rows(ids));
    this.#schedule(this.#options.delayMs);
  }

  remove(ids: ArrayLike<number>): void {
    if (this.#closed) return;
    this.#pending.remove(ids);
    for (let i = 0; i < ids.length; i++) this.#removals.add(ids[i]!);
    this.#schedule(this.#options.delayMs);
  }

  /** Sends every row of the local bank, after what waits. */
  writeAll(): void {
    this.#sweepDue = true;
    this.#schedule(this.#options.delayMs);
  }

  /** Asks the store something on behalf of the bank; a failure counts as the store being away. */
  async ask<T>(run: (store: BankStore) => Promise<T>): Promise<T> {
    try {
      const answer = await run(this.#store);
      this.#lastSync = Date.now();
      return answer;
    } catch (error) {
      this.#failures++;
      if (this.#inARow++ === 0) this.#warn(error);
      const { retryMs, longestRetryMs } = this.#options;
      this.#schedule(Math.min(longestRetryMs, retryMs * 2 ** (this.#inARow - 1)));
      throw error;
    }
  }

  /** Resolves when nothing waits any more. @throws what the store throws, at the first failure. */
  async flush(): Promise<void> {
    do await this.#run();
    while (this.#owes());
  }

  /** Sends what waits, and then nothing more. @throws if the store does not take it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#owes()) await this.flush();
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
      this.#run().catch(() => undefined); // ask() has counted it, warned, and set the next try.
    }, ms);
  }

  #run(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #owes(): boolean {
    return this.metrics.pending > 0 || this.#sweepDue;
  }

  async #sendAll(): Promise<void> {
    await this.#lookForLoss();
    while (this.#owes()) {
      if (this.#removals.size > 0) await this.#sendRemovals();
      if (this.#pending.size > 0) await this.#sendRows();
      if (this.#sweep.length > 0) await this.#sendSwept();
      else if (this.#sweepDue && this.#pending.size === 0) this.#startSweep();
    }
    this.#inARow = 0;
  }

  /** A store that started anew may have lost what it had acknowledged. */
  async #lookForLoss(): Promise<void> {
    const before = this.#incarnation;
    if (this.#store.incarnation !== undefined)
      this.#incarnation = await this.ask(async (store) => store.incarnation?.());
    else if (this.#inARow > 0) await this.ask((store) => store.count()); // Is it back?
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
      await this.ask((store) => store.remove(Int32Array.from(this.#removing)));
      this.#inARow = 0;
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
    await this.#send(rows);
    // One that was written again meanwhile stays.
    pending.remove(rows.ids.filter((id, i) => pending.version(id) === rows.versions[i]));
  }

  async #sendSwept(): Promise<void> {
    const sweep = this.#sweep;
    await this.#send(this.#local().rows(sweep.subarray(0, this.#options.batchRows)));
    this.#sweep = sweep.subarray(this.#options.batchRows);
  }

  async #send(rows: BankRows): Promise<void> {
    const refusal = await this.ask((store) =>
      store.write(rows).catch((error: unknown) => {
        if (error instanceof RangeError) return error; // The store is there, and it is a row that is wrong.
        throw error;
      }),
    );
    this.#inARow = 0;
    if (refusal === undefined) return;
    if (rows.ids.length === 1) {
      this.#refused++;
      this.#options.onWarning(`SyncedBank: item ${rows.ids[0]} stays local: ${refusal.message}`);
      return;
    }
    // All or nothing: find whom it refuses, and write the others.
    const places = Int32Array.from(rows.ids.keys());
    await this.#send(pickRows(rows, places.subarray(0, places.length >> 1)));
    await this.#send(pickRows(rows, places.subarray(places.length >> 1)));
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning(
      `SyncedBank: the ${this.#store.kind} store does not take part, work goes on with the local bank: ${reason}`,
    );
  }
}
