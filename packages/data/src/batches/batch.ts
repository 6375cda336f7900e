import type { HistoryOptions, NamedHistories } from '../history/history-options.js';
import type { Samples } from '../samples/samples.js';

/** `B` samples side by side, as typed arrays of the host. */
export interface Batch {
  /** B. */
  readonly size: number;
  /** `[B]` the samples. */
  readonly rows: Int32Array;
  /** `[B]` dense user ids. */
  readonly users: Int32Array;
  /** `[B]` dense ids of the candidate items. */
  readonly items: Int32Array;
  /** `[B]` 1 or 0. */
  readonly labels: Float32Array;
  /** `[B]` dense session ids. */
  readonly sessions: Int32Array;
  /** `[B]` dense query ids, −1 = none. */
  readonly queries: Int32Array;
  /** `[B]` Unix seconds. */
  readonly timestamps: Float64Array;
  /** The histories of the samples, by name. */
  readonly histories: Readonly<Record<string, BatchHistory>>;
}

/** One history of each sample of a batch, and the options that selected its events. */
export interface BatchHistory extends Required<HistoryOptions> {
  /** `[B, length]`, row by row: dense item ids, most recent first, −1 = none. */
  readonly items: Int32Array;
  /** `[B, length]`: 1 where the event was positive, else 0. Histories of positive events hold nothing else. */
  readonly labels: Uint8Array;
  /** `[B]` number of events in each row. */
  readonly lengths: Int32Array;
}

/**
 * Gathers samples into a batch, in the order given.
 *
 * @param rows `[B]` samples
 * @param histories which histories the batch holds. Default: none.
 */
export function gatherBatch(samples: Samples, rows: Int32Array, histories: NamedHistories = {}): Batch {
  return {
    size: rows.length,
    rows,
    users: rows.map((row) => samples.users[row]!),
    items: rows.map((row) => samples.items[row]!),
    labels: Float32Array.from(rows, (row) => samples.labels[row]!),
    sessions: rows.map((row) => samples.sessions[row]!),
    queries: rows.map((row) => samples.queryIds[row]!),
    timestamps: Float64Array.from(rows, (row) => samples.timestamps[row]!),
    histories: Object.fromEntries(
      Object.entries(histories).map(([name, options]) => [name, gatherHistory(samples, rows, options)]),
    ),
  };
}

function gatherHistory(samples: Samples, rows: Int32Array, options: HistoryOptions): BatchHistory {
  const { length, skip = 0, events = 'positive' } = options;
  const items = new Int32Array(rows.length * length);
  const labels = new Uint8Array(items.length);
  const lengths = rows.map((row, b) => samples.history(row, items, b * length, length, { skip, events, labels }));
  return { length, skip, events, items, labels, lengths };
}
