import type { Batch } from '../batches/batch.js';
import { type BatchHistories, emptyHistories } from '../batches/batch-history.js';
import type { NamedHistories } from '../history/history-options.js';
import type { PendingEvent } from './stream-state.js';
import type { HistoryCapacities, UserHistories } from './user-histories.js';

/**
 * Makes a batch of events in time order. Each event gets its session and its histories before it enters the history of
 * its user.
 *
 * @param firstRow number of the first sample; rows start over after 2³¹
 * @param named the histories of the batch. Default: none.
 */
export function gatherStreamBatch(
  events: readonly PendingEvent[],
  users: UserHistories,
  firstRow: number,
  named: NamedHistories | undefined,
): Batch {
  const histories = emptyHistories(events.length, named);
  const sessions = new Int32Array(events.length);
  for (const [b, { user, item, label, timestamp }] of events.entries()) {
    sessions[b] = users.sessionAt(user, timestamp);
    fillRow(histories, b, users, user, timestamp);
    users.add(user, item, timestamp, label === 1);
  }
  return {
    size: events.length,
    rows: Int32Array.from(events, (_, b) => (firstRow + b) % 2 ** 31),
    users: Int32Array.from(events, ({ user }) => user),
    items: Int32Array.from(events, ({ item }) => item),
    labels: Float32Array.from(events, ({ label }) => label),
    sessions,
    queries: Int32Array.from(events, ({ query }) => query),
    timestamps: Float64Array.from(events, ({ timestamp }) => timestamp),
    histories,
  };
}

/**
 * The user's histories up to now, each with one row. Changes nothing, not even the order in which users are forgotten.
 */
export function gatherUserHistories(
  user: number,
  users: UserHistories,
  named: NamedHistories | undefined,
): BatchHistories {
  const histories = emptyHistories(1, named);
  fillRow(histories, 0, users, user, Number.POSITIVE_INFINITY);
  return histories;
}

/** Number of events of each kind that the histories reach back. */
export function capacitiesFor(histories: NamedHistories): HistoryCapacities {
  const reach = (kind: 'positive' | 'all') => {
    const ofKind = Object.values(histories).filter(({ length, events = 'positive' }) => events === kind && length > 0);
    return Math.max(0, ...ofKind.map(({ length, skip = 0 }) => skip + length));
  };
  return { positive: reach('positive'), all: reach('all') };
}

/** Fills row `b` of every history with the user's events before `time`. */
function fillRow(histories: BatchHistories, b: number, users: UserHistories, user: number, time: number): void {
  for (const history of Object.values(histories)) {
    const row = { ...history, offset: b * history.length };
    history.lengths[b] = users.write(user, time, history.events, row);
  }
}
