import type { BaselineMetrics } from '@sifaka/trainer';
import type { PlannedRun } from './planned-run.js';
import type { RunContext } from './run-context.js';
import type { StoppingOptions } from './training-length.js';

/** One model to train and test, and the folder that its files go to. */
export interface ModelRun extends RunContext, PlannedRun, StoppingOptions {
  readonly batchSize: number;
  /** The run's own folder: checkpoints, report, plot. */
  readonly folder: string;
  /** Continue from the last checkpoint, and keep a finished run. */
  readonly resume: boolean;
  /** Further scorers for the report's `baselines`: their metrics on the same test events, by name. Default: none. */
  readonly moreBaselines?: Readonly<Record<string, BaselineMetrics>>;
}
