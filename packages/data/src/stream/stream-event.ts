import { normalizeQuery } from '../queries/normalize-query.js';
import { describeBadTime, isWithin, SENSIBLE_TIMES } from '../samples/timestamp-range.js';

/** One event of a live stream, with a `rating` or a `label`. */
export interface StreamEvent {
  /** A number and its text are the same id: 7 and `'7'`. */
  readonly user: string | number;
  readonly item: string | number;
  readonly rating?: number;
  /** 1 for a liked event, 0 for a disliked one. Takes precedence over the rating. */
  readonly label?: 0 | 1;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The query that the user had typed when the item was shown. */
  readonly query?: string | undefined;
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
 * @throws RangeError if an id is empty or the time, label or rating cannot be used.
 */
export function checkEvent(event: StreamEvent, positive: (rating: number) => boolean, where: string): CheckedEvent {
  const { rating, label, timestamp, query = '' } = event;
  const user = readId(event.user, 'user', where);
  const item = readId(event.item, 'item', where);
  if (!isWithin(timestamp, SENSIBLE_TIMES)) {
    throw new RangeError(`${where}: ${describeBadTime(timestamp, 'timestamp', timestamp, SENSIBLE_TIMES)}`);
  }
  if (label === undefined ? !Number.isFinite(rating) : label !== 0 && label !== 1) {
    const got = label === undefined ? `rating ${rating}` : `label ${String(label)}`;
    throw new RangeError(`${where}: expected a label of 0 or 1, or a finite rating, got ${got}`);
  }
  return { user, item, label: label ?? (positive(rating!) ? 1 : 0), timestamp, query: normalizeQuery(query) };
}

function readId(id: string | number, name: string, where: string): string {
  if ((typeof id === 'string' && id !== '') || (typeof id === 'number' && Number.isFinite(id))) return String(id);
  throw new RangeError(`${where}: expected an id as ${name}, got ${JSON.stringify(id)}`);
}
