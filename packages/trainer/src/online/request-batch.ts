import type { Batch } from '@sifaka/data';
import { historiesOf } from '../content-sequences.js';
import type { RankerOptions } from '../options.js';

/** One user who is shown some items, by dense ids; −1 for what is not known. */
export interface DenseRequest {
  readonly user: number;
  readonly candidates: Int32Array;
  /** Most recent first. */
  readonly history: readonly number[];
  readonly query: number;
}

/** A request as the batch that a model scores: a row for each candidate, the same user, history and query in all. */
export function requestBatch({ user, candidates, history, query }: DenseRequest, options: RankerOptions): Batch {
  const size = candidates.length;
  const repeat = (skip: number, length: number) => {
    const row = Int32Array.from({ length }, (_, place) => history[skip + place] ?? -1);
    const items = new Int32Array(size * length);
    for (let b = 0; b < size; b++) items.set(row, b * length);
    return { items, lengths: new Int32Array(size).fill(Math.max(0, Math.min(length, history.length - skip))) };
  };
  const main = repeat(0, options.historyLength);
  const named = Object.entries(historiesOf(options)).map(([name, { length, skip = 0, events = 'positive' }]) => {
    return [name, { length, skip, events, ...repeat(skip, length) }] as const;
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
    history: main.items,
    historyLengths: main.lengths,
    historyLength: options.historyLength,
    histories: Object.fromEntries(named),
  };
}
