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
  wanted: NamedHistories | undefined,
  firstRow: number,
): Batch {
  const histories = emptyHistories(wanted, events.length);
  const sessions = new Int32Array(events.length);
  for (const [b, { user, item, label, timestamp }] of events.entries()) {
    sessions[b] = timelines.sessionAt(user, timestamp);
    fillRow(histories, b, timelines, user, timestamp);
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
    histories,
  };
}

/** The user's histories up to now, each with one row. Changes nothing, not even the order in which users are forgotten. */
export function gatherUserHistories(
  user: number,
  timelines: UserTimelines,
  wanted: NamedHistories | undefined,
): Readonly<Record<string, BatchHistory>> {
  const histories = emptyHistories(wanted, 1);
  fillRow(histories, 0, timelines, user, Number.POSITIVE_INFINITY);
  return histories;
}

/** How many events of each kind the histories reach back. */
export function capacitiesFor(histories: NamedHistories): HistoryCapacities {
  const reach = (kind: 'positive' | 'all') => {
    const ofKind = Object.values(histories).filter(({ length, events = 'positive' }) => events === kind && length > 0);
    return Math.max(0, ...ofKind.map(({ length, skip = 0 }) => skip + length));
  };
  return { positive: reach('positive'), all: reach('all') };
}

function emptyHistories(wanted: NamedHistories | undefined, size: number): Readonly<Record<string, BatchHistory>> {
  return Object.fromEntries(Object.entries(wanted ?? {}).map(([name, options]) => [name, emptyHistory(options, size)]));
}

/** Fills row `b` of every history with the user's events before `time`. */
function fillRow(
  histories: Readonly<Record<string, BatchHistory>>,
  b: number,
  timelines: UserTimelines,
  user: number,
  time: number,
): void {
  for (const history of Object.values(histories)) {
    const row = { ...history, offset: b * history.length };
    history.lengths[b] = timelines.writeHistory(user, time, history.events, row);
  }
}

function emptyHistory({ length, skip = 0, events = 'positive' }: HistoryOptions, size: number): BatchHistory {
  return {
    length,
    skip,
    events,
    items: new Int32Array(size * length),
    labels: new Uint8Array(size * length),
    lengths: new Int32Array(size),
  };
}
