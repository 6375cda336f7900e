/** Rows of a bank as they travel between it and a store: one vector, step and version per item id. */
export interface BankRows {
  readonly ids: Int32Array;
  /** `[N, dim]`, float32 here whatever the store keeps. */
  readonly vectors: Float32Array;
  /** The training step at which each vector was made. */
  readonly steps: Int32Array;
  /** How often each item was written. */
  readonly versions: Int32Array;
}
