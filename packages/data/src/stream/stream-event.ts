import { normalizeQuery } from '../queries/normalize-query.js';
import { quoted } from '../rows/quoted.js';
import { checkId, type OutsideId } from '../samples/outside-id.js';
import { assertTime } from '../samples/timestamp-range.js';

/** One event of a live stream, with a `rating` or a `label`. */
export interface StreamEvent {
  /** A number and its text are the same id: 7 and `'7'`. A number must be a safe integer. */
  readonly user: OutsideId;
  readonly item: OutsideId;
  readonly rating?: number;
  /** 1 for a liked event, 0 for a disliked one. Takes precedence over the rating. */
  readonly label?: 0 | 1;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The query that the user had typed when the item was shown. Null means none, as in a row of JSON. */
  readonly query?: string | null | undefined;
}

/** A valid event, with its ids as text. */
export interface CheckedEvent {
  readonly user: string;
  readonly item: string;
  readonly label: 0 | 1;
  readonly timestamp: number;
  /** Normalized; empty = none. */
  readonly query: string;
}

/**
 * @param where names the event, for messages
 * @throws RangeError if the event is not an object, an id is empty or not a safe integer, or the time, label, rating or
 *   query cannot be used. Nothing is converted: text that holds a number is refused.
 */
export function checkEvent(event: StreamEvent, positive: (rating: number) => boolean, where: string): CheckedEvent {
  if (typeof event !== 'object' || event === null) {
    throw new RangeError(`${where}: expected an object, got ${quoted(event)}`);
  }
  const { rating, label, timestamp } = event;
  const query: unknown = event.query ?? '';
  const user = checkId(where, 'user', event.user);
  const item = checkId(where, 'item', event.item);
  assertTime(where, 'timestamp', timestamp);
  if (label === undefined ? !Number.isFinite(rating) : label !== 0 && label !== 1) {
    const got = label === undefined ? `rating ${quoted(rating)}` : `label ${quoted(label)}`;
    throw new RangeError(`${where}: expected a label of 0 or 1, or a finite rating, got ${got}`);
  }
  if (typeof query !== 'string') throw new RangeError(`${where}: expected a text as query, got ${quoted(query)}`);
  return { user, item, label: label ?? (positive(rating!) ? 1 : 0), timestamp, query: normalizeQuery(query) };
}
