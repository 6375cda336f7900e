import type { SelectionMetric } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';

/** How often a run validates, when it stops, and which of its weights are tested. See `train` of @sifaka/trainer. */
export interface StoppingOptions {
  /** The figure of the validations that chooses the weights. Default `'auc'`. */
  readonly selectBy?: SelectionMetric | undefined;
  /** Validations without improvement after which the run stops. Default: it takes all steps. */
  readonly patience?: number | undefined;
  /** Number of steps between validations. Default: a fifth of all steps. */
  readonly evaluateEvery?: number | undefined;
}

/** The steps of a number of epochs, with a validation about every quarter of one. */
export function stepsOfEpochs(
  epochs: number,
  { split }: Pick<Dataset, 'split'>,
  batchSize: number,
): { readonly steps: number; readonly evaluateEvery: number } {
  const stepsPerEpoch = Math.max(1, Math.floor(split.train.length / batchSize)); // The rest of an epoch is left out.
  return { steps: epochs * stepsPerEpoch, evaluateEvery: Math.max(1, Math.round(stepsPerEpoch / 4)) };
}

/** Steps between the validations of a run. */
export function validationInterval({
  steps,
  evaluateEvery = Math.max(1, Math.ceil(steps / 5)),
}: Pick<StoppingOptions, 'evaluateEvery'> & { readonly steps: number }): number {
  return evaluateEvery;
}
