import type { Samples } from './samples.js';

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
  /** `[B]` Unix seconds. */
  readonly timestamps: Float64Array;
  /** `[B, historyLength]`, row by row: dense item ids, most recent first, −1 = none. */
  readonly history: Int32Array;
  /** `[B]` how many places of each history are filled. */
  readonly historyLengths: Int32Array;
  readonly historyLength: number;
}

/** Gathers samples into a batch, in the order given. Histories longer than `historyLength` keep the most recent items. */
export function gatherBatch(samples: Samples, rows: Int32Array, historyLength: number): Batch {
  const history = new Int32Array(rows.length * historyLength);
  return {
    size: rows.length,
    rows,
    users: rows.map((row) => samples.users[row]!),
    items: rows.map((row) => samples.items[row]!),
    labels: Float32Array.from(rows, (row) => samples.labels[row]!),
    sessions: rows.map((row) => samples.sessions[row]!),
    timestamps: Float64Array.from(rows, (row) => samples.timestamps[row]!),
    history,
    historyLengths: rows.map((row, b) => samples.history(row, history, b * historyLength, historyLength)),
    historyLength,
  };
}
