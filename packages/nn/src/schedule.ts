export interface WarmupCosineOptions {
  /** The highest rate. A peak of 1 gives a factor for other rates. */
  readonly peak: number;
  /** Steps of linear rise, from `peak / warmupSteps` in step 0. Default 0. */
  readonly warmupSteps?: number;
  /** Total number of steps, warm-up included. */
  readonly totalSteps: number;
  /** Final rate as a fraction of the peak. Default 0.1. */
  readonly floor?: number;
}

/**
 * Learning rate by step, counted from 0: linear warm-up to the peak, half a cosine down to `floor · peak`, then
 * constant.
 */
export function warmupCosine({
  peak,
  warmupSteps = 0,
  totalSteps,
  floor = 0.1,
}: WarmupCosineOptions): (step: number) => number {
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}
