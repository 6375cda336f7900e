import type { StepTimes } from './stopwatch.js';

/** One step's place in a run. */
export interface StepOptions {
  /** Counts from 0 over the whole run; all of the step's random draws come from it. */
  readonly step: number;
  /** Share of the peak learning rates, 0 … 1. Default 1. */
  readonly rate?: number;
  /** `'contrast'`: SQDC alone, the first stage of two-stage training. Default `'joint'`. */
  readonly phase?: 'joint' | 'contrast';
}

export interface StepResult {
  readonly loss: number;
  /** Binary cross-entropy; NaN in the contrast phase. */
  readonly ranking: number;
  /** SQDC before λ; NaN where it is off. */
  readonly contrast: number;
  /** Content-ID contrast before its weight; NaN where it is off. */
  readonly contentId: number;
  /** Share of RankMixer's experts that are active; NaN without experts. */
  readonly activeExperts: number;
  readonly gradientNorm: number;
  /** True when the loss or a gradient was not finite: nothing was updated then. */
  readonly skipped: boolean;
  /** Distinct candidates, and how many of them were encoded with and without learning. */
  readonly candidates: number;
  readonly learned: number;
  readonly refreshed: number;
  /** Items of the sequences that had a vector, and those that had none. */
  readonly historyFound: number;
  readonly historyMissing: number;
  /** Mean cosine between replaced bank vectors and their successors; NaN when none was replaced. */
  readonly stalenessCosine: number;
  readonly times: StepTimes;
}
