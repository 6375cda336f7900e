import { quoted } from '../rows/quoted.js';
import { eventOrder, inOrder } from '../samples/event-order.js';
import { findVisits } from '../samples/find-visits.js';
import type { Interactions } from '../samples/interactions.js';
import { assertSessionGap } from '../samples/session-gap.js';
import { FirstEvents } from './first-events.js';
import { type RandomGenerator, randomStream } from './random-stream.js';
import { drawAllowed } from './weighted-draw.js';

export interface AddNegativesOptions {
  /** Negatives for each event. Default 3. */
  readonly perPositive?: number;
  /**
   * Length of a period, counted from the Unix epoch. The negatives of an event are drawn by the number of events that
   * items had in the same period. Default 7,889,400: a quarter of a year. Untimed events are all in one period.
   */
  readonly periodSeconds?: number;
  /**
   * Which items of the user are never drawn.
   *
   * - `'ever'` (default): those of all times. No item is both a positive and a negative of a user. So negatives tell of
   *   the future: an item that was drawn for a user once never becomes a positive. A model that remembers its negatives
   *   gains by that.
   * - `'soFar'`: those up to the end of the visit of the event. Nothing later is known, so some negatives are false:
   *   the user has an event with them in a later visit ({@link AddedNegatives.counts} has their number).
   */
  readonly excluded?: ExcludedItems;
  /** The longest pause within a visit, in seconds, as of `buildSamples`. Used with `'soFar'`. Default 1800. */
  readonly sessionGapSeconds?: number;
  readonly seed: number;
}

/** See {@link AddNegativesOptions.excluded}. */
export type ExcludedItems = 'ever' | 'soFar';

export interface AddedNegatives {
  /** The given events with rating 1 and the drawn ones with rating 0, marked as implicit. */
  readonly interactions: Interactions;
  readonly counts: {
    /** The given events. */
    readonly positives: number;
    /** The drawn ones. */
    readonly negatives: number;
    /** Negatives that could not be drawn: all other items of the period were excluded, or drawn for the same time. */
    readonly missing: number;
    /** Negatives that the user has an event with in a later visit. 0 unless `excluded` is `'soFar'`. */
    readonly falseNegatives: number;
  };
}

/**
 * Gives every event negatives: items that others had events with at that time and the user did not, as disliked events
 * of the same user and time. A ranker can then learn from data that holds liked events only.
 *
 * Items are drawn in proportion to their number of events in the same period, events after that of the user included:
 * use the result to train and to compare models. {@link NegativeSampler} knows nothing of the future. `excluded` says
 * which items of the user are not drawn. The negatives of one user and time are distinct.
 *
 * @throws RangeError if `perPositive` is not a whole number from 1, `periodSeconds` not a number above 0, `excluded`
 *   neither `'ever'` nor `'soFar'`, or `sessionGapSeconds` not a number from 0.
 */
export function addNegatives(interactions: Interactions, options: AddNegativesOptions): AddedNegatives {
  const { perPositive = 3, periodSeconds = 7_889_400, seed } = options;
  if (!(Number.isSafeInteger(perPositive) && perPositive >= 1)) {
    throw new RangeError(`addNegatives: expected perPositive to be a whole number from 1, got ${quoted(perPositive)}`);
  }
  if (!(Number.isFinite(periodSeconds) && periodSeconds > 0)) {
    throw new RangeError(`addNegatives: expected periodSeconds above 0, got ${quoted(periodSeconds)}`);
  }
  const events = sortEvents(interactions);
  const known = knownItems(events, options);
  const random = randomStream(seed, 'addNegatives', 0);
  const drawn: DrawnEvents = { users: [], items: [], timestamps: [], falseNegatives: 0 };
  const periodOf = (event: number) => (events.untimed ? 0 : Math.floor(events.timestamps[event]! / periodSeconds));
  for (const [start, end] of runs(events.length, (a, b) => periodOf(a) === periodOf(b))) {
    drawPeriod(events, { start, end, perPositive, known, random }, drawn);
  }
  const negatives = drawn.users.length;
  return {
    interactions: join(interactions, events, drawn),
    counts: {
      positives: events.length,
      negatives,
      missing: events.length * perPositive - negatives,
      falseNegatives: drawn.falseNegatives,
    },
  };
}

interface SortedEvents {
  readonly length: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly timestamps: Float64Array;
  readonly untimed: boolean;
  readonly numUsers: number;
  readonly numItems: number;
}

interface DrawnEvents {
  readonly users: number[];
  readonly items: number[];
  readonly timestamps: number[];
  falseNegatives: number;
}

/** Which items of a user are known at an event, and so never drawn for it. */
interface KnownItems {
  /** The start of the first visit with the item. */
  readonly first: FirstEvents;
  /** `[events]`: items whose first visit began by then are known. */
  readonly until: Float64Array;
}

interface Period {
  readonly start: number;
  readonly end: number;
  readonly perPositive: number;
  readonly known: KnownItems;
  readonly random: RandomGenerator;
}

/** @throws RangeError if an event has no time. */
function sortEvents(interactions: Interactions): SortedEvents {
  const order = eventOrder(interactions);
  const timestamps = inOrder(interactions.timestamps, order);
  const without = timestamps.findIndex((time) => !Number.isFinite(time));
  if (without >= 0) {
    throw new RangeError(`addNegatives: expected a time of every event, got ${timestamps[without]} of one`);
  }
  return {
    length: order.length,
    users: inOrder(interactions.users, order),
    items: inOrder(interactions.items, order),
    timestamps,
    untimed: interactions.untimed ?? false,
    numUsers: interactions.userIds.length,
    numItems: interactions.itemIds.length,
  };
}

/** @throws RangeError if the options are impossible. */
function knownItems(
  events: SortedEvents,
  { excluded = 'ever', sessionGapSeconds = 1800 }: AddNegativesOptions,
): KnownItems {
  if (excluded !== 'ever' && excluded !== 'soFar') {
    throw new RangeError(`addNegatives: expected excluded to be ever or soFar, got ${quoted(excluded)}`);
  }
  assertSessionGap('addNegatives', sessionGapSeconds);
  const { starts } = findVisits(events, events.untimed ? 0 : sessionGapSeconds);
  const endOfTime = new Float64Array(events.length).fill(Number.MAX_VALUE);
  return { first: new FirstEvents({ ...events, times: starts }), until: excluded === 'ever' ? endOfTime : starts };
}

/** Draws the negatives of the events from `start` to `end`, which are one period. */
function drawPeriod(
  events: SortedEvents,
  { start, end, perPositive, known, random }: Period,
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
    const event = start + first;
    const user = users[event]!;
    const taken = new Set<number>(); // Of all events of this user and time: equal events would be repeated ones.
    const isAllowed = (index: number) =>
      !taken.has(index) && known.first.time(user, items[index]!) > known.until[event]!;
    for (let count = 0; count < (last - first) * perPositive; count++) {
      const index = drawAllowed(cumulative, isAllowed, random);
      if (index < 0) break;
      taken.add(index);
      drawn.users.push(user);
      drawn.items.push(items[index]!);
      drawn.timestamps.push(timestamps[event]!);
      if (Number.isFinite(known.first.time(user, items[index]!))) drawn.falseNegatives++;
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
    ...(events.untimed && { untimed: true }),
    userIds,
    itemIds,
  };
}
