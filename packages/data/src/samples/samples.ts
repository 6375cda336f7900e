import type { HistorySelection, HistoryTargets } from '../history/history-options.js';
import type { HistoryAsOf } from './history-as-of.js';

/**
 * Labelled events in time order. Every per-sample array is `[length]`, and a sample is identified by its position in
 * them.
 */
export interface Samples {
  readonly length: number;
  /** Dense user ids, 0 … numUsers − 1. */
  readonly users: Int32Array;
  /** Dense item ids, 0 … numItems − 1. */
  readonly items: Int32Array;
  /** 1 for a liked event, 0 otherwise. */
  readonly labels: Float32Array;
  /** Unix seconds, never decreasing. By visits: the time at which the sample's visit began. */
  readonly timestamps: Float64Array;
  /** Whether histories end at the sample's own time or where its visit began. */
  readonly historyAsOf: HistoryAsOf;
  /** Dense session ids, unique across users, in the order in which sessions begin. */
  readonly sessions: Int32Array;
  /** Dense query ids, −1 = none. All −1 until {@link joinQueries} sets them. */
  readonly queryIds: Int32Array;
  /** The text of each query id. */
  readonly queries: readonly string[];
  readonly numUsers: number;
  readonly numItems: number;
  /** `[numUsers]` dense id → id outside, as in {@link Interactions}. */
  readonly userIds: readonly string[];
  /** `[numItems]` dense id → id outside. {@link assertSameIds} compares it with the ids of a catalogue. */
  readonly itemIds: readonly string[];

  /**
   * Writes the history of a sample: the items of the user's events with strictly earlier timestamps, most recent first.
   * Events of one real time are in descending order of item id. An item with several events occurs several times.
   *
   * Takes O(log E + length) for a user with E events.
   *
   * @param target gets dense item ids at `offset … offset + length − 1`; −1 pads a shorter history
   * @param selection which events, and an array for their labels. Default: liked events.
   * @returns the number of ids written.
   * @throws RangeError if there is no such sample.
   */
  history(
    sample: number,
    target: Int32Array,
    offset: number,
    length: number,
    selection?: HistorySelection & HistoryTargets,
  ): number;
}
