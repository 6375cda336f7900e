import { eventOrder, inOrder } from './event-order.js';
import type { Interactions } from './interactions.js';
import type { Samples } from './samples.js';

export interface BuildSamplesOptions {
  /** Which ratings are positive. Default `rating >= 4` (MovieLens' stars). */
  readonly positive?: (rating: number) => boolean;
  /** The longest pause within a session, in seconds. Default 1800. */
  readonly sessionGapSeconds?: number;
}

/** Labels events, sorts them by (timestamp, user, item), and finds sessions and histories. */
export function buildSamples(
  interactions: Interactions,
  { positive = (rating) => rating >= 4, sessionGapSeconds = 1800 }: BuildSamplesOptions = {},
): Samples {
  const order = eventOrder(interactions);
  const users = inOrder(interactions.users, order);
  const items = inOrder(interactions.items, order);
  const labels = inOrder(interactions.ratings, order).map((rating) => (positive(rating) ? 1 : 0));
  const timestamps = inOrder(interactions.timestamps, order);
  const numUsers = interactions.userIds.length;
  const positives = positivesByUser(users, labels, numUsers);

  return {
    length: order.length,
    users,
    items,
    labels,
    timestamps,
    sessions: findSessions(users, timestamps, numUsers, sessionGapSeconds),
    numUsers,
    numItems: interactions.itemIds.length,
    history(sample, target, offset, length) {
      if (!(sample >= 0 && sample < order.length)) {
        throw new RangeError(`Samples.history: expected a sample in [0, ${order.length}), got ${sample}`);
      }
      const start = positives.starts[users[sample]!]!;
      const end = firstNotBefore(timestamps[sample]!, start, positives.starts[users[sample]! + 1]!);
      const count = Math.min(length, end - start);
      for (let k = 0; k < count; k++) target[offset + k] = items[positives.samples[end - 1 - k]!]!;
      target.fill(-1, offset + count, offset + length);
      return count;
    },
  };

  /** First place in [low, high) of the user's positives whose timestamp is not before `time`, else `high`. */
  function firstNotBefore(time: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timestamps[positives.samples[middle]!]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All users' positive samples in one array, in time order: user u's are `samples[starts[u] … starts[u + 1] − 1]`. */
function positivesByUser(
  users: Int32Array,
  labels: Float32Array,
  numUsers: number,
): { readonly starts: Int32Array; readonly samples: Int32Array } {
  const starts = new Int32Array(numUsers + 1);
  for (const [sample, user] of users.entries()) if (labels[sample] === 1) starts[user + 1]!++;
  for (let user = 0; user < numUsers; user++) starts[user + 1]! += starts[user]!;
  const samples = new Int32Array(starts[numUsers]!);
  const next = starts.slice();
  for (const [sample, user] of users.entries()) if (labels[sample] === 1) samples[next[user]!++] = sample;
  return { starts, samples };
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
