import { quoted } from '../rows/quoted.js';
import { eventOrder, inOrder } from '../samples/event-order.js';
import type { Interactions } from '../samples/interactions.js';
import { type RandomGenerator, randomStream } from './random-stream.js';
import { UserItemPairs } from './user-item-pairs.js';
import { drawAllowed } from './weighted-draw.js';

export interface AddNegativesOptions {
  /** Negatives for each event. Default 3. */
  readonly perPositive?: number;
  /**
   * Length of a period, counted from the Unix epoch. The negatives of an event are drawn by the number of events that
   * items had in the same period. Default 7,889,400: a quarter of a year.
   */
  readonly periodSeconds?: number;
  readonly seed: number;
}

export interface AddedNegatives {
  /** The given events with rating 1 and the drawn ones with rating 0, marked as implicit. */
  readonly interactions: Interactions;
  readonly counts: {
    /** The given events. */
    readonly positives: number;
    /** The drawn ones. */
    readonly negatives: number;
    /** Negatives that could not be drawn: the period had too few items that the user never had an event with. */
    readonly missing: number;
  };
}

/**
 * Gives every event negatives: items that others turned to at that time and the user never did, as disliked events of
 * the same user and time. A ranker can then learn from data that holds liked events only.
 *
 * Items are drawn in proportion to their number of events in the same period. An item of the user is never drawn, at
 * whatever time its event is, so that no item is both: use the result to train and to compare models, since it knows
 * the user's future. {@link NegativeSampler} does not. The negatives of one user and time are distinct.
 *
 * @throws RangeError if `perPositive` is not a whole number from 1, or `periodSeconds` not a number above 0.
 */
export function addNegatives(
  interactions: Interactions,
  { perPositive = 3, periodSeconds = 7_889_400, seed }: AddNegativesOptions,
): AddedNegatives {
  if (!(Number.isSafeInteger(perPositive) && perPositive >= 1)) {
    throw new RangeError(`addNegatives: expected perPositive to be a whole number from 1, got ${quoted(perPositive)}`);
  }
  if (!(Number.isFinite(periodSeconds) && periodSeconds > 0)) {
    throw new RangeError(`addNegatives: expected periodSeconds above 0, got ${quoted(periodSeconds)}`);
  }
  const { timestamps, itemIds } = interactions;
  const order = eventOrder(interactions);
  const sorted = {
    users: inOrder(interactions.users, order),
    items: inOrder(interactions.items, order),
    timestamps: inOrder(timestamps, order),
    numItems: itemIds.length,
  };
  const pairs = new UserItemPairs(sorted);
  const random = randomStream(seed, 'addNegatives', 0);
  const drawn: DrawnEvents = { users: [], items: [], timestamps: [] };
  const periodOf = (event: number) => Math.floor(sorted.timestamps[event]! / periodSeconds);
  for (const [start, end] of runs(order.length, (a, b) => periodOf(a) === periodOf(b))) {
    drawPeriod(sorted, { start, end, perPositive, pairs, random }, drawn);
  }
  const negatives = drawn.users.length;
  return {
    interactions: join(interactions, sorted, drawn),
    counts: { positives: order.length, negatives, missing: order.length * perPositive - negatives },
  };
}

interface SortedEvents {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly timestamps: Float64Array;
  readonly numItems: number;
}

interface DrawnEvents {
  readonly users: number[];
  readonly items: number[];
  readonly timestamps: number[];
}

interface Period {
  readonly start: number;
  readonly end: number;
  readonly perPositive: number;
  readonly pairs: UserItemPairs;
  readonly random: RandomGenerator;
}

/** Draws the negatives of the events from `start` to `end`, which are one period. */
function drawPeriod(
  events: SortedEvents,
  { start, end, perPositive, pairs, random }: Period,
  drawn: DrawnEvents,
): void {
  const { users, timestamps } = events;
  const counts = new Map<number, number>();
  for (const item of events.items.subarray(start, end)) counts.set(item, (counts.get(item) ?? 0) + 1);
  const items = Int32Array.from(counts.keys()).sort();
  let sum = 0;
  const cumulative = Float64Array.from(items, (item) => {
    sum += counts.get(item)!;
    return sum;
  });
  const sameMoment = (a: number, b: number) => users[a] === users[b] && timestamps[a] === timestamps[b];
  for (const [first, last] of runs(end - start, (a, b) => sameMoment(start + a, start + b))) {
    const user = users[start + first]!;
    const taken = new Set<number>(); // Of all events of this user and time: equal events would be repeated ones.
    const isAllowed = (index: number) => !taken.has(index) && pairs.indexOf(user, items[index]!) < 0;
    for (let count = 0; count < (last - first) * perPositive; count++) {
      const index = drawAllowed(cumulative, isAllowed, random);
      if (index < 0) break;
      taken.add(index);
      drawn.users.push(user);
      drawn.items.push(items[index]!);
      drawn.timestamps.push(timestamps[start + first]!);
    }
  }
}

/** Splits 0 … length − 1 into runs of neighbours that belong together. */
function* runs(length: number, together: (a: number, b: number) => boolean): Generator<[start: number, end: number]> {
  let start = 0;
  for (let i = 1; i <= length; i++) {
    if (i < length && together(i - 1, i)) continue;
    yield [start, i];
    start = i;
  }
}

function join({ userIds, itemIds }: Interactions, events: SortedEvents, drawn: DrawnEvents): Interactions {
  const positives = events.users.length;
  const length = positives + drawn.users.length;
  const users = new Int32Array(length);
  const items = new Int32Array(length);
  const timestamps = new Float64Array(length);
  users.set(events.users);
  items.set(events.items);
  timestamps.set(events.timestamps);
  users.set(drawn.users, positives);
  items.set(drawn.items, positives);
  timestamps.set(drawn.timestamps, positives);
  const order = eventOrder({ users, items, timestamps });
  return {
    length,
    users: inOrder(users, order),
    items: inOrder(items, order),
    ratings: Float64Array.from(order, (event) => (event < positives ? 1 : 0)),
    implicit: true,
    timestamps: inOrder(timestamps, order),
    userIds,
    itemIds,
  };
}
