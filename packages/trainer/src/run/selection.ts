import type { BestState, RunState, ValidationPoint } from './run-state.js';

/**
 * Figures of a validation that can choose the best weights: AUC, GAUC by user, or GAUC by visit. The step that is best
 * by one is often not the best by another, so choose by the figure that will be reported.
 */
export type SelectionMetric = 'auc' | 'gauc' | 'gaucByVisit';

export const SELECTION_METRICS: readonly SelectionMetric[] = ['auc', 'gauc', 'gaucByVisit'];

/** Whether a validation is better than the best so far. One whose figure is undefined never is. */
export function isBetter(point: ValidationPoint, metric: SelectionMetric, best: BestState | undefined): boolean {
  const value = point[metric];
  return !Number.isNaN(value) && (best === undefined || value > best.value);
}

/** Whether `patience` validations have passed since the best one. Never before there is a best one. */
export function isExhausted({ validations, best }: RunState, patience: number): boolean {
  return best !== undefined && validations.filter(({ step }) => step > best.step).length >= patience;
}
