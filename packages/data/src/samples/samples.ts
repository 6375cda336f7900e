import type { HistorySelection, HistoryTargets } from '../history/history-options.js';

/** Labelled events in the order in which they happened. Every per-sample array is `[length]`; a sample is a position in them. */
export interface Samples {
  readonly length: number;
  /** Dense user ids, 0 … numUsers − 1. */
  readonly users: Int32Array;
  /** Dense item ids, 0 … numItems − 1. */
  readonly items: Int32Array;
  /** 1 for a positive event, else 0. */
  readonly labels: Float32Array;
  /** Unix seconds, never decreasing. */
  readonly timestamps: Float64Array;
  /** Dense session ids, unique across users, in the order in which sessions begin. */
  readonly sessions: Int32Array;
  /** Dense query ids, −1 = none: all of them until {@link joinQueries} gives samples their queries. */
  readonly queryIds: Int32Array;
  /** The text of each query id. */
  readonly queries: readonly string[];
  readonly numUsers: number;
  readonly numItems: number;

  /**
   * The history of a sample: its user's positive items (or, if asked, all items met) with strictly earlier timestamps, most recent first.
   * Events of one timestamp go by descending item id. An item that the user came back to stands there each time.
   *
   * Writes up to `length` dense item ids at `target[offset …]` and −1 in what is left of the `length` places; in `selection.labels`, at the
   * same places, which of them were liked. Costs O(log events of the user + length).
   *
   * @returns how many ids were written.
   */
  history(
    sample: number,
    target: Int32Array,
    offset: number,
    length: number,
    selection?: HistorySelection & HistoryTargets,
  ): number;
}
