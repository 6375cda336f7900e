import type { Samples } from '../samples/samples.js';

export interface RecentTextsOptions {
  /** How many of the most recent liked items. Default 1. */
  readonly count?: number;
  /** Between their texts. Default a space. */
  readonly separator?: string;
  /**
   * Recent when? `'event'`: before the sample itself, so that the text changes with every liked item. `'session'`: before the sample's session
   * began, so that all candidates of a session share one text, as those of a search do; a first session then has none. Default `'event'`.
   */
  readonly at?: 'event' | 'session';
}

/**
 * What stands for a query where nobody typed one: the texts of the items that the user liked last before the sample, most recent first.
 * A `fallback` of {@link joinQueries}. An item without a text is passed over, not replaced by an older one.
 *
 * @param texts `[numItems]`, such as titles
 */
export function recentTexts(
  samples: Samples,
  texts: readonly (string | undefined)[],
  { count = 1, separator = ' ', at = 'event' }: RecentTextsOptions = {},
): (sample: number) => string | undefined {
  if (texts.length < samples.numItems) {
    throw new RangeError(`recentTexts: expected ${samples.numItems} texts, one per item, got ${texts.length}`);
  }
  const recent = new Int32Array(count);
  const firstOf = new Map<number, number>(); // session → its first sample
  for (let sample = samples.length - 1; at === 'session' && sample >= 0; sample--) {
    firstOf.set(samples.sessions[sample]!, sample);
  }
  return (sample) => {
    const moment = firstOf.get(samples.sessions[sample]!) ?? sample;
    const found = samples.history(moment, recent, 0, count);
    const joined = Array.from(recent.subarray(0, found), (item) => texts[item])
      .filter(Boolean)
      .join(separator);
    return joined === '' ? undefined : joined;
  };
}
