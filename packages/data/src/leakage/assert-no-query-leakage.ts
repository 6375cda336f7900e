import { normalizeQuery } from '../queries/normalize-query.js';
import type { QueryLog } from '../queries/query-log.js';
import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';
import { LeakageError } from './leakage-error.js';

export interface AssertNoQueryLeakageOptions {
  /** The `fallback` that {@link joinQueries} got, if any. */
  readonly fallback?: (sample: number) => string | undefined;
}

/**
 * Checks that no sample has a query from its future. Every query must be a text that the user typed strictly before the
 * sample, found by replaying the log, or the fallback's text.
 *
 * @throws {@link LeakageError} naming the sample. A query id without a text is an error too.
 */
export function assertNoQueryLeakage(
  samples: Samples,
  log: QueryLog,
  { fallback }: AssertNoQueryLeakageOptions = {},
): void {
  const typed = new Map<number, Set<string>>(); // by user, up to the current sample
  const order = Array.from(log.texts, (_, entry) => entry).sort((a, b) => log.timestamps[a]! - log.timestamps[b]!);
  let next = 0;
  for (let sample = 0; sample < samples.length; sample++) {
    const time = samples.timestamps[sample]!;
    for (; next < order.length && log.timestamps[order[next]!]! < time; next++) {
      const entry = order[next]!;
      const ofUser = typed.get(log.users[entry]!) ?? new Set();
      typed.set(log.users[entry]!, ofUser.add(normalizeQuery(log.texts[entry]!)));
    }
    const id = samples.queryIds[sample]!;
    if (id === -1) continue;
    const text = samples.queries[id];
    if (text !== undefined && typed.get(samples.users[sample]!)?.has(text)) continue;
    if (text !== undefined && text === normalizeQuery(fallback?.(sample) ?? '')) continue;
    const expected = `expected a query that user ${samples.users[sample]} typed before ${time}`;
    const problem = `${expected}, got ${quoted(text)} for sample ${sample}`;
    throw new LeakageError('assertNoQueryLeakage', problem, sample);
  }
}
