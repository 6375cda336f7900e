import { assertAttributes, type ItemAttributes, noAttributes } from '../attributes/item-attributes.js';
import type { Samples } from '../samples/samples.js';
import type { StatisticsLayout } from './statistics-layout.js';
import { StatisticsTracker } from './statistics-tracker.js';

/** Numbers that every production ranker knows of user and item when it ranks, one row for each sample. */
export interface Statistics extends StatisticsLayout {
  /** `[samples, width]`, row by row. */
  readonly values: Float32Array;
}

/**
 * Finds the statistics of every sample in one pass. They know only of events with strictly earlier timestamps, the
 * sample's own visit excluded if `samples.timestamps` are those of visits.
 *
 * A like rate is smoothed, and given as its logit `log(p / (1 − p))`. The blocks, and their columns:
 *
 * - `mood`, of the user's last events: like rate of the last 50, 10 and 3, `(likes + 1) / (events + 2)`; like rate in
 *   which an event weighs 0.7 of the next one; `log(1 + events)`, of at most 50.
 * - `item`, of all users' events of the item: like rate, `(likes + 5 m) / (events + 5)` with the mean `m` of all items
 *   so far; `log(1 + n)` of its events, of its events lately (half-life 30 days), of days since its last and since its
 *   first event (0 without an event); for each category column the like rate of the item's categories, in the mean.
 * - `liking`, for each category column: how much more than usual the user liked the item's categories, in the mean of
 *   `logit((likes + 2 r) / (events + 2)) − logit(r)` with the user's own like rate `r`.
 * - `overlap`, of words and categories with the user's last 20 liked items: 1 if there is one; Jaccard similarity with
 *   the most similar, with the last, and in the mean, of words and then of categories.
 *
 * Data without categories have no `liking`, data with neither words nor categories no `overlap`.
 *
 * @param attributes of the items. Default: none.
 * @throws RangeError if the attributes are damaged, or of another number of items.
 */
export function gatherStatistics(
  samples: Samples,
  attributes: ItemAttributes = noAttributes(samples.numItems),
): Statistics {
  assertAttributes('gatherStatistics', attributes, samples.numItems);
  const tracker = new StatisticsTracker({ attributes });
  const { users, items, timestamps, labels } = samples;
  const { width } = tracker.layout;
  const values = new Float32Array(samples.length * width);
  for (let sample = 0; sample < samples.length; sample++) {
    const [user, item, time] = [users[sample]!, items[sample]!, timestamps[sample]!];
    tracker.write(user, item, time, values, sample * width);
    tracker.add(user, item, time, labels[sample]!);
  }
  return { ...tracker.layout, values };
}
