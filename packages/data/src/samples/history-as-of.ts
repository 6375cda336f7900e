import { quoted } from '../rows/quoted.js';

/**
 * Where the history of a sample ends. `'event'`: at the sample's own time. `'visit'`: where its visit began. A visit is
 * a session: a user's events with gaps of at most `sessionGapSeconds`.
 */
export type HistoryAsOf = 'visit' | 'event';

/** @throws RangeError unless the value is `'visit'` or `'event'`. */
export function assertHistoryAsOf(where: string, value: unknown): void {
  if (value === 'visit' || value === 'event') return;
  throw new RangeError(`${where}: expected historyAsOf to be visit or event, got ${quoted(value)}`);
}
