export interface WarmupCosineOptions {
  /** The highest rate. */
  readonly peak: number;
  /** Steps of linear rise from 0. Default 0. */
  readonly warmupSteps?: number;
  /** Steps in all. */
  readonly totalSteps: number;
  /** Where the cosine ends, as a share of the peak. Default 0.1. */
  readonly floor?: number;
}

/** Learning rate of a step counted from 0: linear warm-up to the peak, then half a cosine down to `floor · peak`, which is kept. */
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
