import type { StepTimes } from './stopwatch.js';

export interface StepOptions {
  /** Number of the step, from 0 over the whole run. All random draws of the step derive from it. */
  readonly step: number;
  /** Share of the peak learning rates, 0 … 1. Default 1. */
  readonly rate?: number;
}

/** @throws RangeError unless the step is a whole number and the rate a number, both from 0. */
export function assertStep(where: string, step: number, rate: number): void {
  if (!(Number.isSafeInteger(step) && step >= 0)) {
    throw new RangeError(`${where}: expected step to be a whole number from 0, got ${step}`);
  }
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(`${where}: expected rate to be a number from 0, got ${rate}`);
  }
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
  /** True if the loss or a gradient was not finite. Nothing was updated then. */
  readonly skipped: boolean;
  /** Number of weights that had a gradient, without those of the id tables. */
  readonly trainedWeights: number;
  /** Distinct candidates. */
  readonly candidates: number;
  /** Candidates encoded forward and backward. */
  readonly learned: number;
  /** Items encoded forward only, those of the refresh budget included. */
  readonly refreshed: number;
  /** Items of the sequences that had a vector. */
  readonly historyFound: number;
  /** Items of the sequences that had none. */
  readonly historyMissing: number;
  /** Mean cosine between replaced item vectors of the bank and their successors; NaN if none was replaced. */
  readonly stalenessCosine: number;
  readonly times: StepTimes;
}
