import { UsageError } from '../errors/usage-error.js';

/** Reads comma-separated values. @throws {@link UsageError} if one is repeated. */
export function readList(where: string, text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (new Set(parts).size < parts.length) throw new UsageError(`${where}: expected distinct values, got ${text}`);
  return parts;
}

/** Reads one of several names. @throws {@link UsageError} if the text is none of them. */
export function readOneOf<const Name extends string>(where: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new UsageError(`${where}: expected one of ${names.join(', ')}, got ${text}`);
  return found;
}

/**
 * Reads a whole number from `least` to `most`, in decimal digits.
 *
 * @param most default: the largest integer that a number holds exactly
 * @throws {@link UsageError} if it is not one.
 */
export function readWholeNumber(
  where: string,
  text: string,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !(value >= least && value <= most)) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`${where}: expected a whole number ${range}, got ${text}`);
  }
  return value;
}
