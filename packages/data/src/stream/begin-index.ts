import { quoted } from '../rows/quoted.js';
import { IdIndex } from '../samples/id-index.js';

/** An index that begins with the options' ids or, if there is a state, with the state's, which must begin with them. */
export function beginIndex(
  name: string,
  ids: readonly string[] = [],
  saved: readonly string[] = ids,
  capacity: number | undefined,
): IdIndex {
  const other = ids.findIndex((id, i) => !Object.is(id, saved[i]));
  if (other >= 0) {
    const [expected, got] = [saved[other], ids[other]].map(quoted);
    throw new RangeError(`SampleStream: expected ${expected} at ${other} of ${name}, as in the state, got ${got}`);
  }
  return new IdIndex(`SampleStream: ${name}`, saved, capacity);
}
