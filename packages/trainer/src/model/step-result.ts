import type { StepTimes } from './stopwatch.js';

/** A step's number and rate. */
export interface StepOptions {
  /** Counts from 0 over the whole run; all of the step's random draws derive from it. */
  readonly step: number;
  /** Share of the peak learning rates, 0 … 1. Default 1. */
  readonly rate?: number;
}

export interface StepResult {
  readonly loss: number;
  /** Binary cross-entropy; NaN in a contrast step. */
  readonly ranking: number;
  /** SQDC before λ; NaN if it is off. */
  readonly contrast: number;
  /** Content-ID contrast before its weight; NaN if it is off. */
  readonly contentId: number;
  /** Share of RankMixer's experts that are active; NaN without experts. */
  readonly activeExperts: number;
  readonly gradientNorm: number;
  /** True if the loss or a gradient was not finite; then nothing was updated. */
  readonly skipped: boolean;
  /** Distinct candidates, and how many of them were encoded with and without learning. */
  readonly candidates: number;
  readonly learned: number;
  readonly refreshed: number;
  /** Items of the sequences that had a vector, and those that had none. */
  readonly historyFound: number;
  readonly historyMissing: number;
  /** Mean cosine between replaced bank vectors and their successors; NaN if none was replaced. */
  readonly stalenessCosine: number;
  readonly times: StepTimes;
}
