import { UsageError } from '../errors/usage-error.js';

/** Comma-separated values, each given once. @throws {@link UsageError} if one is repeated. */
export function readList(where: string, text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (new Set(parts).size < parts.length) throw new UsageError(`${where}: expected each once, got ${text}`);
  return parts;
}

/** @throws {@link UsageError} if the text is none of the names. */
export function readOneOf<const Name extends string>(where: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new UsageError(`${where}: expected one of ${names.join(', ')}, got ${text}`);
  return found;
}

/** @throws {@link UsageError} if the text is no whole number, or a smaller one than `least`. */
export function readWholeNumber(where: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
    throw new UsageError(`${where}: expected a whole number from ${least}, got ${text}`);
  }
  return value;
}
