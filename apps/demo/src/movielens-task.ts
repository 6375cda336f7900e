import {
  type AddedNegatives,
  addNegatives,
  buildSamples,
  type HistoryAsOf,
  type Interactions,
  type Samples,
} from '@sifaka/data';

/**
 * What a model learns to tell. `'liked'`: ratings of at least 4 stars from lower ones. `'watched'`: movies that a user
 * rated, whatever the stars, from movies that others rated in the same quarter of a year and the user never did.
 */
export const TASKS = ['liked', 'watched'] as const;
export type Task = (typeof TASKS)[number];

export interface TaskSamples {
  readonly samples: Samples;
  /** Counts of drawn events. Undefined: all events are of the table. */
  readonly negatives: AddedNegatives['counts'] | undefined;
}

/** Every run of a task has the same negatives, whatever the seed of its model. */
const NEGATIVES_SEED = 1;

export function samplesOf(interactions: Interactions, task: Task, historyAsOf: HistoryAsOf): TaskSamples {
  if (task === 'liked') {
    const samples = buildSamples(interactions, { positive: (rating) => rating >= 4, historyAsOf });
    return { samples, negatives: undefined };
  }
  const { interactions: withNegatives, counts } = addNegatives(interactions, { seed: NEGATIVES_SEED });
  return { samples: buildSamples(withNegatives, { historyAsOf }), negatives: counts };
}
