/** Events as columns, sorted by (timestamp, user, item), with at most one event for each such triple. */
export interface Interactions {
  readonly length: number;
  /** `[length]` dense user ids, 0 … U − 1. */
  readonly users: Int32Array;
  /** `[length]` dense item ids, 0 … I − 1. */
  readonly items: Int32Array;
  /** `[length]`, in full precision: 3.8 rounded to 32 bits is below 3.8. */
  readonly ratings: Float64Array;
  /**
   * True for plain events without ratings (clicks, views). Each has rating 1 and counts as liked by default. Negatives
   * that {@link addNegatives} drew have rating 0 and do not.
   */
  readonly implicit?: boolean;
  /** `[length]` Unix seconds; of untimed events their positions. */
  readonly timestamps: Float64Array;
  /**
   * True for events of a table without times. Their order in the table is taken for that in time, and `timestamps` are
   * positions in it, from 1. The pauses between them are unknown, so there are no visits.
   */
  readonly untimed?: boolean;
  /** `[U]` dense id → id in the table. */
  readonly userIds: readonly string[];
  /** `[I]` dense id → id in the table or catalogue. Includes items of the catalogue without events. */
  readonly itemIds: readonly string[];
}
