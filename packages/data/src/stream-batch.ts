import type { Batch, BatchHistory, BatchPast } from './batch.js';
import type { HistoryOptions, NamedHistories } from './history-options.js';
import type { PendingEvent } from './stream-state.js';
import type { HistoryCapacities, UserTimelines } from './user-timelines.js';

/** Which histories a stream's batches hold. */
export interface StreamHistories {
  readonly historyLength: number;
  readonly histories?: NamedHistories;
}

/**
 * Events in time order → a batch. One event after the other gets its session and its histories, and only then becomes history itself.
 *
 * @param firstRow number of the first sample; rows start over after 2³¹.
 */
export function gatherStreamBatch(
  events: readonly PendingEvent[],
  timelines: UserTimelines,
  wanted: StreamHistories,
  firstRow: number,
): Batch {
  const past = emptyPast(wanted, events.length);
  const sessions = new Int32Array(events.length);
  for (const [b, { user, item, label, timestamp }] of events.entries()) {
    sessions[b] = timelines.sessionAt(user, timestamp);
    fillRow(past, b, timelines, user, timestamp);
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
    ...past,
  };
}

/** One row: what a user has met up to now. Nothing changes, not even who was active last. */
export function gatherPast(user: number, timelines: UserTimelines, wanted: StreamHistories): BatchPast {
  const past = emptyPast(wanted, 1);
  fillRow(past, 0, timelines, user, Number.POSITIVE_INFINITY);
  return past;
}

/** How far back the histories of each kind reach. */
export function capacitiesFor(histories: readonly HistoryOptions[]): HistoryCapacities {
  const reach = (kind: 'positive' | 'all') => {
    const ofKind = histories.filter(({ length, events = 'positive' }) => events === kind && length > 0);
    return Math.max(0, ...ofKind.map(({ length, skip = 0 }) => skip + length));
  };
  return { positive: reach('positive'), all: reach('all') };
}

function emptyPast({ historyLength, histories = {} }: StreamHistories, size: number): BatchPast {
  const main = emptyHistory({ length: historyLength }, size);
  const named = Object.entries(histories).map(([name, of]) => [name, emptyHistory(of, size)] as const);
  return {
    history: main.items,
    historyLengths: main.lengths,
    historyLength,
    histories: Object.fromEntries(named),
  };
}

/** Fills row `b` with what the user had met before `time`. */
function fillRow(past: BatchPast, b: number, timelines: UserTimelines, user: number, time: number): void {
  const { history, historyLength, historyLengths } = past;
  const main = { items: history, lengths: historyLengths, length: historyLength, skip: 0, events: 'positive' } as const;
  for (const written of [main, ...Object.values(past.histories)]) {
    const row = { ...written, offset: b * written.length };
    written.lengths[b] = timelines.writeHistory(user, time, written.events, row);
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
