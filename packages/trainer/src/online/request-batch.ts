import type { Batch, BatchHistory, BatchPast } from '@sifaka/data';

/** One user who is shown some items, by dense ids; −1 for what is not known. */
export interface DenseRequest {
  readonly user: number;
  readonly candidates: Int32Array;
  /** What the user has met: one row. */
  readonly past: BatchPast;
  readonly query: number;
}

/** A request as the batch that a model scores: a row for each candidate, the same user, past and query in all. */
export function requestBatch({ user, candidates, past, query }: DenseRequest): Batch {
  const size = candidates.length;
  const repeatHistory = (history: BatchHistory): BatchHistory => ({
    ...history,
    items: repeat(history.items, size),
    labels: repeat(history.labels, size),
    lengths: repeat(history.lengths, size),
  });
  return {
    size,
    rows: Int32Array.from(candidates.keys()),
    users: new Int32Array(size).fill(user),
    items: candidates,
    labels: new Float32Array(size),
    sessions: new Int32Array(size),
    queries: new Int32Array(size).fill(query),
    timestamps: new Float64Array(size),
    history: repeat(past.history, size),
    historyLengths: repeat(past.historyLengths, size),
    historyLength: past.historyLength,
    histories: Object.fromEntries(
      Object.entries(past.histories).map(([name, history]) => [name, repeatHistory(history)]),
    ),
  };
}

function repeat<Row extends Int32Array | Uint8Array>(row: Row, times: number): Row {
  const repeated = new (row.constructor as new (length: number) => Row)(times * row.length);
  for (let b = 0; b < times; b++) repeated.set(row, b * row.length);
  return repeated;
}
