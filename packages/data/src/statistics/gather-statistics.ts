import { assertAttributes, type ItemAttributes, noAttributes } from '../attributes/item-attributes.js';
import { eventOrder } from '../samples/event-order.js';
import type { Samples } from '../samples/samples.js';
import { RunningStatistics } from './running-statistics.js';
import type { StatisticsLayout } from './statistics-layout.js';

/** Numbers that every production ranker knows of user and item when it ranks, one row for each sample. */
export interface Statistics extends StatisticsLayout {
  /** `[samples, width]`, row by row. */
  readonly values: Float32Array;
}

/**
 * Finds the statistics of every sample in one pass. They know only of events with strictly earlier timestamps. By
 * visits they know nothing of the sample's visit: `mood`, `liking` and `overlap` end where it began, and `item` knows
 * of the visits that were over when the event happened.
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
  const { users, items, timestamps, eventTimes, labels, historyAsOf, sessionGapSeconds } = samples;
  const running = new RunningStatistics({ attributes, historyAsOf, sessionGapSeconds });
  const { layout } = running.tracker;
  const values = new Float32Array(samples.length * layout.width);
  for (const sample of eventOrder({ timestamps: eventTimes, users, items })) {
    const event = {
      user: users[sample]!,
      item: items[sample]!,
      label: labels[sample]!,
      timestamp: eventTimes[sample]!,
    };
    running.take(event, timestamps[sample]!, values, sample * layout.width);
  }
  return { ...layout, values };
}
