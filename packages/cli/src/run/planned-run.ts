import type { RankerOptions } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';

/** The longest first stage of a two-stage run, as a share of its ranking steps. */
const FIRST_STAGE = 0.4;

export interface PlannedRun {
  readonly options: RankerOptions;
  /** Steps of all stages. */
  readonly steps: number;
}

/** What a plan of a model depends on. */
export interface PlanContext {
  readonly seed: number;
  /** The data that the model is trained on: real ones, or those of a control. */
  readonly data: Dataset;
}

/**
 * Adds the first stage of a two-stage run to its ranking steps, so that compared models rank the same number of
 * samples.
 *
 * @param steps ranking steps
 */
export function withFirstStage(options: RankerOptions, steps: number): PlannedRun {
  const pretrainSteps = Math.min(options.pretrainSteps, Math.floor(FIRST_STAGE * steps));
  return { options: { ...options, pretrainSteps }, steps: steps + pretrainSteps };
}
