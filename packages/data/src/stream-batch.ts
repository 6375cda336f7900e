import type { Batch, BatchHistory } from './batch.js';
import type { HistoryOptions, NamedHistories } from './history-options.js';
import type { PendingEvent } from './stream-state.js';
import type { HistoryCapacities, UserTimelines } from './user-timelines.js';

/**
 * Events in time order → a batch. One event after the other gets its session and its histories, and only then becomes history itself.
 *
 * @param firstRow number of the first sample; rows start over after 2³¹.
 */
export function gatherStreamBatch(
  events: readonly PendingEvent[],
  timelines: UserTimelines,
  { historyLength, histories = {} }: { readonly historyLength: number; readonly histories?: NamedHistories },
  firstRow: number,
): Batch {
  const main = emptyHistory({ length: historyLength }, events.length);
  const named = Object.entries(histories).map(([name, of]) => [name, emptyHistory(of, events.length)] as const);
  const all = [main, ...named.map(([, history]) => history)];
  const sessions = new Int32Array(events.length);
  for (const [b, { user, item, label, timestamp }] of events.entries()) {
    sessions[b] = timelines.sessionAt(user, timestamp);
    for (const { items, lengths, length, skip, events: kind } of all) {
      lengths[b] = timelines.writeHistory(user, timestamp, kind, items, b * length, length, skip);
    }
    timelines.remember(user, item, timestamp, label === 1);
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
    history: main.items,
    historyLengths: main.lengths,
    historyLength,
    histories: Object.fromEntries(named),
  };
}

/** How far back the histories of each kind reach. */
export function capacitiesFor(histories: readonly HistoryOptions[]): HistoryCapacities {
  const reach = (kind: 'positive' | 'all') => {
    const ofKind = histories.filter(({ length, events = 'positive' }) => events === kind && length > 0);
    return Math.max(0, ...ofKind.map(({ length, skip = 0 }) => skip + length));
  };
  return { positive: reach('positive'), all: reach('all') };
}

function emptyHistory({ length, skip = 0, events = 'positive' }: HistoryOptions, size: number): BatchHistory {
  return { length, skip, events, items: new Int32Array(size * length), lengths: new Int32Array(size) };
}
