/** Unix seconds, both ends included. */
export type TimestampRange = readonly [from: number, to: number];

/** 1990-01-01 to 2100-01-01: catches milliseconds and swapped columns. */
export const SENSIBLE_TIMES: TimestampRange = [Date.UTC(1990, 0, 1) / 1000, Date.UTC(2100, 0, 1) / 1000];

/** What is wrong with a timestamp outside the range. @param raw as it was given */
export function describeBadTime(time: number | null, column: string, raw: unknown, [from, to]: TimestampRange): string {
  const expected = `expected Unix seconds between ${describeTime(from)} and ${describeTime(to)} in ${column}`;
  const within = (seconds: number) => seconds >= from && seconds <= to;
  const unit =
    time === null || !Number.isFinite(time)
      ? undefined
      : (['milliseconds', 'microseconds', 'nanoseconds'] as const).find((_, i) => within(time / 1000 ** (i + 1)));
  return `${expected}, got ${JSON.stringify(raw)}${unit === undefined ? '' : `, which looks like ${unit}`}`;
}

function describeTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds}` : `${seconds} (${date.toISOString().slice(0, 10)})`;
}
