import type { BankInspection } from '../evaluation/inspect-bank.js';
import type { ModelWeights } from '../model/model-weights.js';
import type { OptimizerMoments } from './optimizer-moments.js';
import type { SelectionMetric } from './selection.js';

/** One point of the loss curve: means over the steps since the previous point. */
export interface LossPoint {
  readonly step: number;
  readonly ranking: number | null;
  readonly contrast: number | null;
}

/** Metrics of the validation part after a step. */
export interface ValidationPoint {
  readonly step: number;
  readonly auc: number;
  /** By user, weighted by samples. */
  readonly gauc: number;
  /** By visit, weighted by samples. */
  readonly gaucByVisit: number;
  readonly logLoss: number;
  /** On cold items alone; null if it is undefined there. */
  readonly coldAuc: number | null;
  /** The same by user, weighted by samples. */
  readonly coldGauc: number | null;
  /** Mean cosine between replaced bank vectors and their successors since the previous validation. */
  readonly stalenessCosine: number | null;
  /** Share of history items that had a vector since the previous validation. */
  readonly coverage: number | null;
  /** The training bank; null for an id-only model. */
  readonly bank: BankInspection | null;
}

/** A model after the step of its best validation. */
export interface BestState {
  readonly step: number;
  /** The figure that it is best by. */
  readonly metric: SelectionMetric;
  readonly value: number;
  readonly weights: ModelWeights;
  /** Of the same step, so that a model that goes on learning continues from there. */
  readonly moments: OptimizerMoments;
}

/** Progress of a run: everything besides the model and its optimizers that a resumed run needs. */
export interface RunState {
  /** Number of finished steps. */
  readonly step: number;
  readonly losses: readonly LossPoint[];
  readonly validations: readonly ValidationPoint[];
  /** Samples per step. A run continues with the same number. Absent before the first step. */
  readonly batchSize?: number;
  /** Weights of the best validation so far. */
  readonly best: BestState | undefined;
  /** Number of steps whose loss or gradient was not finite. They changed nothing. */
  readonly skippedSteps: number;
  /** Sums since the last point of each curve. */
  readonly sums: RunSums;
  /** Seconds spent in steps, for the throughput. */
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
