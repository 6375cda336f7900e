import { HistoryIndex } from '../history/history-index.js';
import { eventOrder, inOrder, visitOrder } from './event-order.js';
import { findVisits } from './find-visits.js';
import { assertHistoryAsOf, type HistoryAsOf } from './history-as-of.js';
import type { Interactions } from './interactions.js';
import type { Samples } from './samples.js';
import { assertSessionGap } from './session-gap.js';

export interface BuildSamplesOptions {
  /**
   * Which ratings count as liked. Default `rating >= 4` (MovieLens's stars). Of a table without ratings
   * ({@link Interactions.implicit}) every event but drawn negatives.
   */
  readonly positive?: (rating: number) => boolean;
  /** The longest pause within a session, in seconds. Default 1800. */
  readonly sessionGapSeconds?: number;
  /**
   * Where histories end. `'event'`: at the sample's own time. `'visit'`: where the sample's visit (session) began. Then
   * the timestamp of each sample is the time at which its visit began. What compares timestamps (histories, splits,
   * queries, leakage checks) sees a visit as one moment. The README says which one is right for which data. Default
   * `'event'`.
   */
  readonly historyAsOf?: HistoryAsOf;
}

/**
 * Labels events, sorts them by (timestamp, user, item), and finds their sessions and histories. By visits, the order is
 * (start of the visit, user, time, item).
 *
 * @throws RangeError if `sessionGapSeconds` is not a number from 0, `historyAsOf` is unknown, or it is `'visit'` and
 *   events have no time.
 */
export function buildSamples(
  interactions: Interactions,
  {
    positive = likedByDefault(interactions),
    sessionGapSeconds = 1800,
    historyAsOf = 'event',
  }: BuildSamplesOptions = {},
): Samples {
  assertSessionGap('buildSamples', sessionGapSeconds);
  assertHistoryAsOf('buildSamples', historyAsOf);
  if (historyAsOf === 'visit') assertTimes(interactions);
  const numUsers = interactions.userIds.length;
  const { order, timestamps, eventTimes, sessions } = arrange(interactions, sessionGapSeconds, historyAsOf);
  const users = inOrder(interactions.users, order);
  const items = inOrder(interactions.items, order);
  const labels = Float32Array.from(inOrder(interactions.ratings, order), (rating) => (positive(rating) ? 1 : 0));
  const events = { users, items, labels, timestamps, numUsers };
  const positives = new HistoryIndex(events, (sample) => labels[sample] === 1);
  let all: HistoryIndex | undefined; // built at the first use: most callers need liked events only

  return {
    length: order.length,
    users,
    items,
    labels,
    timestamps,
    eventTimes,
    historyAsOf,
    sessionGapSeconds,
    sessions,
    queryIds: new Int32Array(order.length).fill(-1),
    queries: [],
    numUsers,
    numItems: interactions.itemIds.length,
    userIds: interactions.userIds,
    itemIds: interactions.itemIds,
    history(sample, target, offset, length, { skip = 0, events: kind = 'positive', ...targets } = {}) {
      if (!(sample >= 0 && sample < order.length)) {
        throw new RangeError(`Samples.history: expected a sample in [0, ${order.length}), got ${sample}`);
      }
      if (kind === 'all') all ??= new HistoryIndex(events, () => true);
      const index = kind === 'all' ? all! : positives;
      return index.write(users[sample]!, timestamps[sample]!, { items: target, offset, length, skip, ...targets });
    },
  };
}

function likedByDefault({ implicit = false }: Interactions): (rating: number) => boolean {
  return implicit ? (rating) => rating > 0 : (rating) => rating >= 4;
}

/** The order of the samples, and their timestamps and sessions in that order. */
function arrange(
  interactions: Interactions,
  gap: number,
  historyAsOf: HistoryAsOf,
): Pick<Samples, 'timestamps' | 'eventTimes' | 'sessions'> & { readonly order: Int32Array } {
  // Untimed events have distinct times, so each is alone in its session, but for the negatives drawn beside it.
  const longestPause = interactions.untimed ? 0 : gap;
  const byTime = eventOrder(interactions);
  const users = inOrder(interactions.users, byTime);
  const timestamps = inOrder(interactions.timestamps, byTime);
  const { sessions, starts } = findVisits({ users, timestamps, numUsers: interactions.userIds.length }, longestPause);
  if (historyAsOf === 'event') return { order: byTime, timestamps, eventTimes: timestamps, sessions };
  const byVisit = visitOrder({ starts, users });
  return {
    order: inOrder(byTime, byVisit),
    timestamps: inOrder(starts, byVisit),
    eventTimes: inOrder(timestamps, byVisit),
    sessions: inOrder(sessions, byVisit),
  };
}

function assertTimes({ timestamps, untimed = false }: Interactions): void {
  const event = timestamps.findIndex((time) => !Number.isFinite(time));
  if (event < 0 && !untimed) return;
  const got = untimed ? 'a table without times' : `${timestamps[event]} of event ${event}`;
  throw new RangeError(
    `buildSamples: expected a time of every event for historyAsOf 'visit', got ${got}. ` +
      "Without times there are no visits: use historyAsOf 'event'",
  );
}
