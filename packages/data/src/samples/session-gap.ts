import { quoted } from '../rows/quoted.js';

/** @throws RangeError if the longest pause within a session is not a finite number of seconds from 0. */
export function assertSessionGap(where: string, seconds: unknown): void {
  // Without end, all events of all users would be one session.
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0) return;
  throw new RangeError(`${where}: expected sessionGapSeconds from 0, got ${quoted(seconds)}`);
}
