import {
  addNegatives,
  buildSamples,
  type ExcludedItems,
  type HistoryAsOf,
  type Interactions,
  type Samples,
} from '@sifaka/data';
import type { ReportData } from '@sifaka/trainer';

/**
 * What a model learns to tell apart. `'liked'`: ratings of at least 4 stars from lower ones. `'watched'`: movies that a
 * user rated, whatever the stars, from movies that others rated in the same quarter of a year and the user did not.
 */
export const TASKS = ['liked', 'watched'] as const;
export type Task = (typeof TASKS)[number];

export interface TaskSamples {
  readonly samples: Samples;
  /** Counts of the drawn events. Undefined: all events are from the table. */
  readonly negatives: ReportData['negatives'] | undefined;
}

export interface TaskOptions {
  readonly task: Task;
  readonly historyAsOf: HistoryAsOf;
  /** Which movies of a user are never drawn, for `'watched'`. */
  readonly excluded: ExcludedItems;
}

/** Every run of a task has the same negatives, whatever the seed of its model. */
const NEGATIVES_SEED = 1;

export function samplesOf(interactions: Interactions, { task, historyAsOf, excluded }: TaskOptions): TaskSamples {
  if (task === 'liked') {
    const samples = buildSamples(interactions, { positive: (rating) => rating >= 4, historyAsOf });
    return { samples, negatives: undefined };
  }
  const { interactions: withNegatives, counts } = addNegatives(interactions, { seed: NEGATIVES_SEED, excluded });
  return { samples: buildSamples(withNegatives, { historyAsOf }), negatives: { ...counts, excluded } };
}
