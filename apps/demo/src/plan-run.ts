import { idOnly, lemur, type QuerySource, type RankerOptions, twoStage } from '@sifaka/trainer';
import type { Preset } from './arguments.js';

/**
 * Ranking steps of 256 samples at which validation AUC stopped rising on MovieLens small; `npm start` must also end within minutes. A two-stage
 * run has its first stage before them.
 */
const DEFAULT_STEPS: Readonly<Record<Preset, number>> = { lemur: 350, twoStage: 350, idOnly: 600 };

/** Most of a two-stage run's first stage, as a share of its ranking steps. */
const FIRST_STAGE = 0.4;

export interface PlannedRun {
  readonly options: RankerOptions;
  /** Steps in all. */
  readonly steps: number;
}

/** The trainer's preset of that name. @param steps ranking steps @param query `'likedTitles'` unless told otherwise */
export function planRun(
  preset: Preset,
  {
    seed,
    steps = DEFAULT_STEPS[preset],
    query,
  }: { readonly seed: number; readonly steps?: number | undefined; readonly query?: QuerySource | undefined },
): PlannedRun {
  const options = { lemur, twoStage, idOnly }[preset]({ seed, ...(query && { content: { query } }) });
  return withFirstStage(options, steps);
}

/** Puts the first stage of a two-stage run before its ranking steps, so that models are compared that have ranked as many samples. */
export function withFirstStage(options: RankerOptions, steps: number): PlannedRun {
  const pretrainSteps = Math.min(options.pretrainSteps, Math.floor(FIRST_STAGE * steps));
  return { options: { ...options, pretrainSteps }, steps: steps + pretrainSteps };
}
