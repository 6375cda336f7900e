import { quoted } from '../rows/quoted.js';

/** @throws RangeError if the longest pause within a session is not a number of seconds from 0. */
export function assertSessionGap(where: string, seconds: unknown): void {
  if (typeof seconds === 'number' && seconds >= 0) return;
  throw new RangeError(`${where}: expected sessionGapSeconds from 0, got ${quoted(seconds)}`);
}
