import type { SampleStream } from '@sifaka/data';

/** Counts since a model went online. */
export interface OnlineCounts {
  /** Events and groups of items that arrived. A resumed run continues reading its source here. */
  readonly arrivals: number;
  /** Events that were learned from. */
  readonly samples: number;
  /** Items that were first seen with content. */
  readonly newItems: number;
  /** Items that were first seen in an event, without content. */
  readonly unannounced: number;
  /** Known users, including those that the stream started with. */
  readonly users: number;
  /** Events older than a finished batch. They enter histories, but no batch. */
  readonly late: number;
  /** Events and items for which there was no room. */
  readonly refused: number;
  readonly skippedSteps: number;
}

/** The counts that the stream does not keep. */
export interface OwnCounts {
  readonly itemGroups: number;
  readonly newItems: number;
  readonly unannounced: number;
  readonly refusedEvents: number;
  readonly refusedItems: number;
  readonly skippedSteps: number;
}

export const NO_COUNTS: OwnCounts = {
  itemGroups: 0,
  newItems: 0,
  unannounced: 0,
  refusedEvents: 0,
  refusedItems: 0,
  skippedSteps: 0,
};

export function onlineCounts(
  { counts, userIds }: Pick<SampleStream, 'counts' | 'userIds'>,
  own: OwnCounts,
): OnlineCounts {
  return {
    arrivals: counts.events + own.refusedEvents + own.itemGroups,
    samples: counts.samples,
    newItems: own.newItems,
    unannounced: own.unannounced,
    users: userIds.length,
    late: counts.late,
    refused: counts.refused + own.refusedEvents + own.refusedItems,
    skippedSteps: own.skippedSteps,
  };
}
