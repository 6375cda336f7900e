import { quoted } from '../rows/quoted.js';

/**
 * Checks that two lists give every outside id the same dense id. Call it where a catalogue meets samples: if dense ids
 * differ, items get the content of other items.
 *
 * @param where begins the error message
 * @param name of the lists, such as `itemIds`
 * @throws RangeError with the first id that differs.
 */
export function assertSameIds(where: string, name: string, expected: readonly string[], got: readonly string[]): void {
  const shorter = Math.min(expected.length, got.length);
  let at = 0;
  while (at < shorter && expected[at] === got[at]) at++;
  if (at < shorter) {
    throw new RangeError(`${where}: expected ${quoted(expected[at])} at ${at} of ${name}, got ${quoted(got[at])}`);
  }
  if (expected.length === got.length) return;
  const [longer, difference] = expected.length > got.length ? [expected, 'lacks'] : [got, 'also has'];
  const counts = `expected ${expected.length} ${name}, got ${got.length}`;
  throw new RangeError(`${where}: ${counts}: the list ${difference} ${quoted(longer[shorter])}`);
}
