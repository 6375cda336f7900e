import { HistoryIndex } from '../history/history-index.js';
import { eventOrder, inOrder } from './event-order.js';
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
}

/**
 * Labels events, sorts them by (timestamp, user, item), and finds their sessions and histories.
 *
 * @throws RangeError if `sessionGapSeconds` is not a number from 0.
 */
export function buildSamples(
  interactions: Interactions,
  { positive = likedByDefault(interactions), sessionGapSeconds = 1800 }: BuildSamplesOptions = {},
): Samples {
  assertSessionGap('buildSamples', sessionGapSeconds);
  const order = eventOrder(interactions);
  const users = inOrder(interactions.users, order);
  const items = inOrder(interactions.items, order);
  const labels = Float32Array.from(inOrder(interactions.ratings, order), (rating) => (positive(rating) ? 1 : 0));
  const timestamps = inOrder(interactions.timestamps, order);
  const numUsers = interactions.userIds.length;
  const events = { users, items, labels, timestamps, numUsers };
  const positives = new HistoryIndex(events, (sample) => labels[sample] === 1);
  let all: HistoryIndex | undefined; // built at the first use: most callers need liked events only

  return {
    length: order.length,
    users,
    items,
    labels,
    timestamps,
    sessions: findSessions(users, timestamps, numUsers, sessionGapSeconds),
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

function findSessions(users: Int32Array, timestamps: Float64Array, numUsers: number, gap: number): Int32Array {
  const lastTime = new Float64Array(numUsers).fill(Number.NEGATIVE_INFINITY);
  const current = new Int32Array(numUsers);
  let sessions = 0;
  return users.map((user, sample) => {
    if (timestamps[sample]! - lastTime[user]! > gap) current[user] = sessions++;
    lastTime[user] = timestamps[sample]!;
    return current[user]!;
  });
}
