import type { SampleStream } from '@sifaka/data';

/** What has happened since a model went online. */
export interface OnlineCounts {
  /** Events and groups of items that came: where to go on reading the source. */
  readonly arrivals: number;
  readonly samples: number;
  /** Items that content came for, for the first time. */
  readonly newItems: number;
  /** Items that an event named before any content of theirs came. */
  readonly unannounced: number;
  /** Users known, those that the stream began with included. */
  readonly users: number;
  /** Events earlier than a batch already made: in no batch. */
  readonly late: number;
  /** Events and items for which there was no room. */
  readonly refused: number;
  readonly skippedSteps: number;
}

/** What the stream does not count. */
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
