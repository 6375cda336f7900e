import type { BankInspection } from '../evaluation/inspect-bank.js';
import type { ModelWeights } from '../model/model-weights.js';

/** Means over the steps since the last point of the loss curve. */
export interface LossPoint {
  readonly step: number;
  readonly ranking: number | null;
  readonly contrast: number | null;
}

/** One look at the validation part. */
export interface ValidationPoint {
  readonly step: number;
  readonly auc: number;
  readonly gauc: number;
  readonly logLoss: number;
  readonly coldAuc: number | null;
  /** Mean cosine between replaced bank vectors and their successors since the last look. */
  readonly stalenessCosine: number | null;
  /** Share of history items that had a vector since the last look. */
  readonly coverage: number | null;
  /** What the bank looked like; null without content. */
  readonly bank: BankInspection | null;
}

/** Where a run is: everything beside the weights that a resumed run needs to go on as if it had never stopped. */
export interface RunState {
  /** Steps done. */
  readonly step: number;
  readonly losses: readonly LossPoint[];
  readonly validations: readonly ValidationPoint[];
  /** Weights of the best validation so far. */
  readonly best: { readonly step: number; readonly auc: number; readonly weights: ModelWeights } | undefined;
  /** Steps whose loss or gradient was not finite and that changed nothing. */
  readonly skippedSteps: number;
  /** Sums since the last point of each curve. */
  readonly sums: RunSums;
  /** Seconds spent in steps, and how many steps that were: for the throughput. */
  readonly trainingSeconds: number;
}

/** Running sums and counts by name. */
export type RunSums = Readonly<Record<string, readonly [sum: number, count: number]>>;

export const START: RunState = {
  step: 0,
  losses: [],
  validations: [],
  best: undefined,
  skippedSteps: 0,
  sums: {},
  trainingSeconds: 0,
};
