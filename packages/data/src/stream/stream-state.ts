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
  /** Events that came. Each is a sample, pending, late or refused. */
  readonly events: number;
  /** Events that stood in a batch. */
  readonly samples: number;
  readonly batches: number;
  /** Events that came after the event before them in time, yet before their batch was made: they stand in order in it. */
  readonly reordered: number;
  /** Events earlier than a batch already made: in no batch. */
  readonly late: number;
  /** Events in no batch because their user or item was new and there was no room for its id. */
  readonly refused: number;
  /** Events whose query was new and for which there was no room: samples without a query. */
  readonly queriesRefused: number;
  /** Users whose history was given up for want of room. */
  readonly forgottenUsers: number;
}

/** All that a {@link SampleStream} knows, as plain data that JSON can hold. */
export interface StreamState {
  readonly format: 3;
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

/** @throws RangeError if the state is of another format, or holds less history than is needed now. */
export function assertStreamState(where: string, state: StreamState, needed: HistoryCapacities): void {
  if (state.format !== 3) throw new RangeError(`${where}: expected a state of format 3, got ${String(state.format)}`);
  for (const kind of ['positive', 'all'] as const) {
    if (state.capacities[kind] < needed[kind]) {
      throw new RangeError(
        `${where}: expected a state that keeps ${needed[kind]} events of each user for ${kind} histories, got ${state.capacities[kind]}`,
      );
    }
  }
}
