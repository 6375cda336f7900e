import { type Baseline, type BaselineMetrics, measure, popularity, userItemBiases } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';

/** One baseline, fitted on train: its logits and figures on test, and its validation AUC to hold a training curve against. */
export interface BaselineScores {
  readonly testLogits: Float32Array;
  readonly test: BaselineMetrics;
  readonly validationAuc: number;
}

const BASELINES: Readonly<Record<string, Baseline>> = { popularity, biases: userItemBiases };
const fitted = new WeakMap<Dataset, Readonly<Record<string, BaselineScores>>>();

/** Popularity and user + item biases, by name. Fitted once for a data set, however many models are held against them. */
export function baselineScores(data: Dataset): Readonly<Record<string, BaselineScores>> {
  let scores = fitted.get(data);
  if (scores === undefined) {
    scores = Object.fromEntries(Object.entries(BASELINES).map(([name, fit]) => [name, score(fit, data)]));
    fitted.set(data, scores);
  }
  return scores;
}

function score(fit: Baseline, data: Dataset): BaselineScores {
  const { train, validation, test } = data.split;
  const logits = fit(data.samples, train, Int32Array.from([...validation, ...test]));
  const testLogits = logits.slice(validation.length);
  const { all, cold } = measure(testLogits, { ...data, indices: test });
  return {
    testLogits,
    test: { ...all, coldItems: cold },
    validationAuc: measure(logits.slice(0, validation.length), { ...data, indices: validation }).all.auc,
  };
}
