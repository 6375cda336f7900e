export interface SyncOptions {
  /** Rows per write to the store. Default 1000. */
  readonly batchRows?: number | undefined;
  /** How long written rows gather before they are sent, in ms. Default 20. */
  readonly delayMs?: number | undefined;
  /**
   * The most rows that wait as copies, so that the local bank may forget them. Beyond it those of the earliest steps leave the queue, and once
   * the rest is sent every row of the local bank follows: only what was evicted from both is lost. Default 100,000.
   */
  readonly maxPending?: number | undefined;
  /** The first wait before a retry, in ms; it doubles with each failure up to `longestRetryMs`. Default 100. */
  readonly retryMs?: number | undefined;
  /** Default 30,000. */
  readonly longestRetryMs?: number | undefined;
  /** Told once per outage that the store is away. Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How a store keeps up with its bank. */
export interface SyncMetrics {
  /** Rows and removals that wait for the store, or are under way. */
  readonly pending: number;
  /** Rows that had to leave the queue at `maxPending`, ever. */
  readonly overflowed: number;
  /** Rows that the store cannot hold (float16 has no magnitudes from 65,520), ever; they stay in the local bank only. */
  readonly refused: number;
  /** Calls of the store that failed, ever. */
  readonly failures: number;
  /** True since a call failed, until the store takes what waits: one that can be asked but not written is away, too. */
  readonly away: boolean;
  /** When the store last answered, in ms since 1970. */
  readonly lastSync: number | undefined;
}

export type ResolvedSyncOptions = { readonly [K in keyof SyncOptions]-?: NonNullable<SyncOptions[K]> };

/** The options with their defaults. @throws RangeError if a number of rows is not positive and whole. */
export function resolveSyncOptions(options: SyncOptions): ResolvedSyncOptions {
  const { batchRows = 1000, maxPending = 100_000 } = options;
  for (const [name, rows] of Object.entries({ batchRows, maxPending })) {
    if (Number.isInteger(rows) && rows > 0) continue;
    throw new RangeError(`SyncedBank: expected a positive ${name}, got ${rows}`);
  }
  const { delayMs = 20, retryMs = 100, longestRetryMs = 30_000, onWarning = console.warn } = options;
  return { batchRows, maxPending, delayMs, retryMs, longestRetryMs, onWarning };
}
