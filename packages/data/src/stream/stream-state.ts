import type { HistoryAsOf } from '../samples/history-as-of.js';
import type { HistoryCapacities, UserHistoriesState } from './user-histories.js';

/** An event with its dense ids, not yet in a batch. */
export interface PendingEvent {
  readonly user: number;
  readonly item: number;
  readonly label: 0 | 1;
  readonly timestamp: number;
  /** −1 = none. */
  readonly query: number;
}

export interface StreamCounts {
  /** Events received. Each one is a sample, pending, late or refused. */
  readonly events: number;
  /** Events in batches. */
  readonly samples: number;
  readonly batches: number;
  /** Events that arrived after a later one, but before their batch was made. The batch has them in time order. */
  readonly reordered: number;
  /** Events earlier than a batch already made. They are in no batch. */
  readonly late: number;
  /** Events in no batch because their user or item was new and beyond the bound on ids. */
  readonly refused: number;
  /** Events that became samples without a query because their query was new and beyond the bound on queries. */
  readonly queriesRefused: number;
  /** Users whose history was dropped because of the bound on users. */
  readonly forgottenUsers: number;
}

/** The counts of a new stream. */
export const NO_COUNTS: StreamCounts = {
  events: 0,
  samples: 0,
  batches: 0,
  reordered: 0,
  late: 0,
  refused: 0,
  queriesRefused: 0,
  forgottenUsers: 0,
};

/** The whole state of a {@link SampleStream}, as plain data for JSON. */
export interface StreamState {
  readonly format: 4;
  readonly historyAsOf: HistoryAsOf;
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly queries: readonly string[];
  readonly histories: UserHistoriesState;
  readonly pending: readonly PendingEvent[];
  /** The latest timestamp in a batch; null before the first. */
  readonly emittedUntil: number | null;
  readonly counts: StreamCounts;
  readonly capacities: HistoryCapacities;
}
