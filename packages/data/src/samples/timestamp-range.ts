import { printable, quoted } from '../rows/quoted.js';

/** Unix seconds, both ends included. */
export type TimestampRange = readonly [from: number, to: number];

/** 1990-01-01 to 2100-01-01: catches milliseconds and swapped columns. */
export const SENSIBLE_TIMES: TimestampRange = [Date.UTC(1990, 0, 1) / 1000, Date.UTC(2100, 0, 1) / 1000];

/** False for null, NaN and infinities too. */
export function isWithin(time: number | null, [from, to]: TimestampRange): time is number {
  return time !== null && Number.isFinite(time) && time >= from && time <= to;
}

/** @throws RangeError unless the value is a number of Unix seconds in {@link SENSIBLE_TIMES}. */
export function assertTime(where: string, name: string, value: unknown): void {
  if (typeof value !== 'number') throw new RangeError(`${where}: expected a number in ${name}, got ${quoted(value)}`);
  if (isWithin(value, SENSIBLE_TIMES)) return;
  throw new RangeError(`${where}: ${describeBadTime(value, name, value, SENSIBLE_TIMES)}`);
}

/** Describes a timestamp outside the range. @param raw the value as it was given */
export function describeBadTime(time: number | null, column: string, raw: unknown, range: TimestampRange): string {
  const [from, to] = range.map(describeTime);
  const units = ['milliseconds', 'microseconds', 'nanoseconds'] as const;
  const unit = time === null ? undefined : units.find((_, i) => isWithin(time / 1000 ** (i + 1), range));
  const hint = unit === undefined ? '' : `, which looks like ${unit}`;
  return `expected Unix seconds between ${from} and ${to} in ${printable(column)}, got ${quoted(raw)}${hint}`;
}

function describeTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds}` : `${seconds} (${date.toISOString().slice(0, 10)})`;
}
