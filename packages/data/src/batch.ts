import type { HistoryOptions, NamedHistories } from './history-options.js';
import type { Samples } from './samples.js';

/** What `B` samples' users had met before. */
export interface BatchPast {
  /** `[B, historyLength]`, row by row: dense item ids, most recent first, −1 = none. */
  readonly history: Int32Array;
  /** `[B]` how many places of each history are filled. */
  readonly historyLengths: Int32Array;
  readonly historyLength: number;
  /** The further histories that were asked for, by name. */
  readonly histories: Readonly<Record<string, BatchHistory>>;
}

/** `B` samples side by side, as typed arrays of the host. */
export interface Batch extends BatchPast {
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
}

/** One of several histories of a batch, and what it was asked to hold. */
export interface BatchHistory extends Required<HistoryOptions> {
  /** `[B, length]`, row by row: dense item ids, most recent first, −1 = none. */
  readonly items: Int32Array;
  /** `[B, length]`: 1 where the event was positive, else 0. Histories of positive events hold nothing else. */
  readonly labels: Uint8Array;
  /** `[B]` how many places of each row are filled. */
  readonly lengths: Int32Array;
}

/** Gathers samples into a batch, in the order given. Histories longer than asked for keep the most recent items. */
export function gatherBatch(
  samples: Samples,
  rows: Int32Array,
  historyLength: number,
  histories: NamedHistories = {},
): Batch {
  const main = gatherHistory(samples, rows, { length: historyLength });
  return {
    size: rows.length,
    rows,
    users: rows.map((row) => samples.users[row]!),
    items: rows.map((row) => samples.items[row]!),
    labels: Float32Array.from(rows, (row) => samples.labels[row]!),
    sessions: rows.map((row) => samples.sessions[row]!),
    queries: rows.map((row) => samples.queryIds[row]!),
    timestamps: Float64Array.from(rows, (row) => samples.timestamps[row]!),
    history: main.items,
    historyLengths: main.lengths,
    historyLength,
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
