/** Who did what to which item, and when. Sorted by (timestamp, user, item), without exact repetitions. */
export interface Interactions {
  readonly length: number;
  /** `[length]` dense user ids, 0 … U − 1. */
  readonly users: Int32Array;
  /** `[length]` dense item ids, 0 … I − 1. */
  readonly items: Int32Array;
  readonly ratings: Float32Array;
  /** Unix seconds. */
  readonly timestamps: Float64Array;
  /** `[U]` dense id → id in the table. */
  readonly userIds: readonly string[];
  /** `[I]` dense id → id in the table or catalogue; items of the catalogue that nobody touched included. */
  readonly itemIds: readonly string[];
}
