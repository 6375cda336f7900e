import type { Report } from '@sifaka/trainer';

/** A run that was trained to its end and tested. */
export interface FinishedRun {
  readonly report: Report;
  /** Logits of the test events, in order. */
  readonly testLogits: Float32Array;
}
