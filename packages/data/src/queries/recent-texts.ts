import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';

export interface RecentTextsOptions {
  /** Number of most recent liked items. Default 1. */
  readonly count?: number;
  /** Separates their texts. Default a space. */
  readonly separator?: string;
  /**
   * The time before which the items were liked. `'event'`: the sample's own, so the text changes with every liked item.
   * `'session'`: the start of the sample's session, so all candidates of a session share one text, as those of a search
   * do; a user's first session has none. Default `'event'`.
   */
  readonly at?: 'event' | 'session';
}

/**
 * A `fallback` for {@link joinQueries}: stands in for a missing query with the texts of the items that the user liked
 * last, most recent first. An item without a text is left out, and no older one replaces it.
 *
 * @param texts `[numItems]`, such as titles
 * @throws RangeError if there are fewer texts than items, or an option is out of its range.
 */
export function recentTexts(
  samples: Samples,
  texts: readonly (string | undefined)[],
  { count = 1, separator = ' ', at = 'event' }: RecentTextsOptions = {},
): (sample: number) => string | undefined {
  if (texts.length < samples.numItems) {
    throw new RangeError(`recentTexts: expected ${samples.numItems} texts, one per item, got ${texts.length}`);
  }
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`recentTexts: expected count to be a whole number from 0, got ${quoted(count)}`);
  }
  if (at !== 'event' && at !== 'session') {
    throw new RangeError(`recentTexts: expected at to be event or session, got ${quoted(at)}`);
  }
  const recent = new Int32Array(count);
  const firstOf = new Map<number, number>(); // session → its first sample
  for (let sample = samples.length - 1; at === 'session' && sample >= 0; sample--) {
    firstOf.set(samples.sessions[sample]!, sample);
  }
  return (sample) => {
    const before = firstOf.get(samples.sessions[sample]!) ?? sample;
    const found = samples.history(before, recent, 0, count);
    const joined = Array.from(recent.subarray(0, found), (item) => texts[item])
      .filter(Boolean)
      .join(separator);
    return joined === '' ? undefined : joined;
  };
}
