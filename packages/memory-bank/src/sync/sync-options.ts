export interface SyncOptions {
  /** Rows per write to the store. Default 1000. */
  readonly batchRows?: number | undefined;
  /** Delay before written rows are sent, in ms, to collect a batch. Default 20. */
  readonly delayMs?: number | undefined;
  /**
   * Maximum number of rows in the queue. They are copies, so the local bank may evict them. If the queue overflows, it
   * drops the rows of the earliest steps. After the other rows, all rows of the local bank are then sent, so only rows
   * evicted from both are lost. Default 100,000.
   */
  readonly maxPending?: number | undefined;
  /** First delay before a retry, in ms. It doubles with each failure, up to `longestRetryMs`. Default 100. */
  readonly retryMs?: number | undefined;
  /** Longest delay before a retry, in ms. Default 30,000. */
  readonly longestRetryMs?: number | undefined;
  /** Called once per outage of the store, and for each refused row. Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** State of the synchronization with a store. */
export interface SyncMetrics {
  /** Rows and removals that the store has not acknowledged yet. */
  readonly pending: number;
  /** Total number of rows that left the queue because it was full. */
  readonly overflowed: number;
  /**
   * Total number of rows that the store refused, for example too large for float16. They stay in the local bank only.
   */
  readonly refused: number;
  /** Total number of failed calls of the store. */
  readonly failures: number;
  /** True from a failed call until the store accepts all waiting rows. A store that refuses writes is away too. */
  readonly away: boolean;
  /** Time of the store's last answer, in ms since 1970. */
  readonly lastSync: number | undefined;
}

export type ResolvedSyncOptions = { readonly [K in keyof SyncOptions]-?: NonNullable<SyncOptions[K]> };

/** Adds the defaults. @throws RangeError if a number of rows is not a positive integer. */
export function resolveSyncOptions(options: SyncOptions): ResolvedSyncOptions {
  const { batchRows = 1000, maxPending = 100_000 } = options;
  for (const [name, rows] of Object.entries({ batchRows, maxPending })) {
    if (Number.isInteger(rows) && rows > 0) continue;
    throw new RangeError(`SyncedBank: expected a positive ${name}, got ${rows}`);
  }
  const { delayMs = 20, retryMs = 100, longestRetryMs = 30_000, onWarning = console.warn } = options;
  return { batchRows, maxPending, delayMs, retryMs, longestRetryMs, onWarning };
}
