import { assertNumber, assertWhole } from './assert-options.js';

export interface WarmupCosineOptions {
  /** The highest rate. A peak of 1 gives a factor for other rates. */
  readonly peak: number;
  /** Steps of linear rise, from `peak / warmupSteps` in step 0. Default 0. */
  readonly warmupSteps?: number;
  /** Total number of steps, warm-up included. */
  readonly totalSteps: number;
  /** Final rate as a fraction of the peak, 0 to 1. Default 0.1. */
  readonly floor?: number;
}

/**
 * Learning rate by step, counted from 0: linear warm-up to the peak, half a cosine down to `floor · peak`, then
 * constant.
 *
 * @throws RangeError naming an option outside its range; the returned function throws for a negative or infinite step.
 */
export function warmupCosine({
  peak,
  warmupSteps = 0,
  totalSteps,
  floor = 0.1,
}: WarmupCosineOptions): (step: number) => number {
  assertNumber('warmupCosine', { peak });
  assertWhole('warmupCosine', { warmupSteps, totalSteps }, 0);
  assertNumber('warmupCosine', { floor }, { to: 1 });
  return (step) => {
    assertNumber('warmupCosine', { step });
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}
