/** Queries that users typed, as columns, in any order. */
export interface QueryLog {
  readonly length: number;
  /** `[length]` dense user ids. */
  readonly users: Int32Array;
  /** `[length]` dense id of the item that the query was typed on, −1 = none or unknown. */
  readonly items: Int32Array;
  /** `[length]` */
  readonly texts: readonly string[];
  /** `[length]` Unix seconds. */
  readonly timestamps: Float64Array;
}
