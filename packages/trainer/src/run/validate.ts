import { evaluate } from '../evaluation/evaluate.js';
import { inspectBank } from '../evaluation/inspect-bank.js';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { ValidationPoint } from './run-state.js';
import type { RunningMeans } from './running-means.js';
import type { TrainOptions } from './train.js';

/** Measures the validation part and the bank after `step` steps. */
export function validate(
  model: MultimodalRanker,
  { samples, split, cold, statistics }: Pick<TrainOptions, 'samples' | 'split' | 'cold' | 'statistics'>,
  step: number,
  means: RunningMeans,
): ValidationPoint {
  const { all, cold: onColdItems } = evaluate(model, {
    samples,
    indices: split.validation,
    cold,
    ...(statistics && { statistics }),
  });
  const found = means.take('historyFound') ?? 0;
  const missing = means.take('historyMissing') ?? 0;
  return {
    step,
    auc: all.auc,
    gauc: all.gauc.bySamples,
    gaucByVisit: all.gauc.byVisit.weighted,
    logLoss: all.logLoss,
    coldAuc: orNull(onColdItems.auc),
    coldGauc: orNull(onColdItems.gauc.bySamples),
    stalenessCosine: means.take('stalenessCosine'),
    coverage: found + missing > 0 ? found / (found + missing) : null,
    bank: inspectBank(model, { samples, split, step }) ?? null,
  };
}

function orNull(figure: number): number | null {
  return Number.isNaN(figure) ? null : figure;
}
