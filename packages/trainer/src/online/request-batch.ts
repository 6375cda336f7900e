import type { Batch, BatchHistory } from '@sifaka/data';

/** A user and candidates by id, −1 if unknown. */
export interface DenseRequest {
  readonly user: number;
  readonly candidates: Int32Array;
  /** The user's histories: one row each. */
  readonly histories: Batch['histories'];
  readonly query: number;
  /** `[candidates · width]`, if the model reads statistics. */
  readonly statistics?: Float32Array | undefined;
}

/**
 * Makes the batch that a model scores for a request: one row per candidate, with the same user, histories and query.
 */
export function requestBatch({ user, candidates, histories, query, statistics }: DenseRequest): Batch {
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
    histories: Object.fromEntries(Object.entries(histories).map(([name, history]) => [name, repeatHistory(history)])),
    ...(statistics && { statistics }),
  };
}

function repeat<Row extends Int32Array | Uint8Array>(row: Row, times: number): Row {
  const repeated = new (row.constructor as new (length: number) => Row)(times * row.length);
  for (let time = 0; time < times; time++) repeated.set(row, time * row.length);
  return repeated;
}
