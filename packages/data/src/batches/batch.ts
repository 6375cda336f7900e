import type { NamedHistories } from '../history/history-options.js';
import type { Samples } from '../samples/samples.js';
import { type BatchHistories, emptyHistories } from './batch-history.js';

/** `B` samples as typed arrays, one row for each. */
export interface Batch {
  /** `B` */
  readonly size: number;
  /** `[B]` positions of the samples in {@link Samples}. */
  readonly rows: Int32Array;
  /** `[B]` dense user ids. */
  readonly users: Int32Array;
  /** `[B]` dense ids of the candidate items. */
  readonly items: Int32Array;
  /** `[B]` 1 for a liked event, 0 otherwise. */
  readonly labels: Float32Array;
  /** `[B]` dense session ids. */
  readonly sessions: Int32Array;
  /** `[B]` dense query ids, −1 = none. */
  readonly queries: Int32Array;
  /** `[B]` Unix seconds. By visits: the time at which the row's visit began. */
  readonly timestamps: Float64Array;
  /** The histories of the samples, by name. */
  readonly histories: BatchHistories;
}

/**
 * Gathers samples into a batch, in the order of `rows`.
 *
 * @param rows `[B]` positions of samples; the batch keeps this array
 * @param histories the histories of the batch. Default: none.
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
    histories: gatherHistories(samples, rows, histories),
  };
}

function gatherHistories(samples: Samples, rows: Int32Array, named: NamedHistories): BatchHistories {
  const histories = emptyHistories(rows.length, named);
  for (const { items, length, lengths, ...selection } of Object.values(histories)) {
    rows.forEach((row, b) => {
      lengths[b] = samples.history(row, items, b * length, length, selection);
    });
  }
  return histories;
}
