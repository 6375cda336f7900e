/** The latest visit of a user: events with gaps of at most `sessionGapSeconds`. */
export interface Visit {
  /** Unix seconds of its first event. */
  readonly start: number;
  /** Unix seconds of its last event. */
  readonly last: number;
}

/** The visit of a user without an event. */
export const NO_VISIT: Visit = { start: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY };

/**
 * The user's latest visit after more events. An event shortly before the visit, which arrived late, belongs to it: the
 * visit then began earlier. Any other earlier event leaves it as it is.
 *
 * @param times of the events, in order of arrival
 */
export function visitWith(visit: Visit, times: readonly number[], gap: number): Visit {
  let { start, last } = visit;
  for (const time of times) {
    if (time - last > gap) start = time;
    else if (time < start && start - time <= gap) start = time;
    last = Math.max(last, time);
  }
  return { start, last };
}
