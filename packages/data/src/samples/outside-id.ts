import { quoted } from '../rows/quoted.js';

/**
 * An id of the outside world: a text that is not empty, or a whole number. A number and its text are the same id: `7`,
 * `7n` and `'7'`.
 */
export type OutsideId = string | number | bigint;

/**
 * The text of an outside id.
 *
 * @returns undefined for anything else: an empty text, half of a surrogate pair, a fraction, or a number beyond 2⁵³,
 *   which may have been rounded.
 */
export function idText(id: unknown): string | undefined {
  if (typeof id === 'string') return id === '' || LONE_SURROGATE.test(id) ? undefined : id;
  if (typeof id === 'number') return Number.isSafeInteger(id) ? String(id) : undefined;
  return typeof id === 'bigint' ? String(id) : undefined;
}

/** Shows an id that {@link idText} refuses, with the reason. */
export function describeBadId(id: unknown): string {
  if (typeof id === 'number' && Number.isFinite(id))
    return `${quoted(id)}, which is not a safe integer: give it as text`;
  if (typeof id === 'string' && id !== '') return `${quoted(id)}, which is not well-formed Unicode`;
  return quoted(id);
}

/**
 * The text of an outside id. All readers, builders and streams of this package take ids through the same check.
 *
 * @param where begins the error message
 * @param name of the id, such as `user`
 * @throws RangeError if the id is an empty text, not well-formed, or a number that is not a safe integer.
 */
export function checkId(where: string, name: string, id: unknown): string {
  const text = idText(id);
  if (text === undefined) throw new RangeError(`${where}: expected an id as ${name}, got ${describeBadId(id)}`);
  return text;
}

// In Unicode mode \p{Surrogate} matches only halves without a partner.
const LONE_SURROGATE = /\p{Surrogate}/u;
