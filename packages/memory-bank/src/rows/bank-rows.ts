/** Rows of a bank for exchange with a store: one vector, step and version per item id. */
export interface BankRows {
  /** `[N]` */
  readonly ids: Int32Array;
  /** `[N, dim]`; float32, whatever the storage. */
  readonly vectors: Float32Array;
  /** `[N]` training step that made each vector. */
  readonly steps: Int32Array;
  /** `[N]` number of writes of each item. */
  readonly versions: Int32Array;
}
