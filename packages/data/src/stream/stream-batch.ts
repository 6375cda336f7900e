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
  const timestamps = new Float64Array(events.length);
  for (const [b, { user, item, label, timestamp }] of events.entries()) {
    const { session, historyEnd } = users.visitAt(user, timestamp);
    sessions[b] = session;
    timestamps[b] = historyEnd;
    fillRow(histories, b, users, user, historyEnd);
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
    timestamps,
    histories,
  };
}

/** The user's histories before `end`, each with one row. Changes nothing, not even the order of users. */
export function gatherUserHistories(
  user: number,
  users: UserHistories,
  named: NamedHistories | undefined,
  end: number,
): BatchHistories {
  const histories = emptyHistories(1, named);
  fillRow(histories, 0, users, user, end);
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
