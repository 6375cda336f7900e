import { type Baseline, type BaselineMetrics, measure, popularity, userItemBiases } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';

/** A baseline that was fitted on train. */
export interface BaselineScores {
  /** Logits of the test events, in order. */
  readonly testLogits: Float32Array;
  readonly test: BaselineMetrics;
  /** A reference for training curves. */
  readonly validationAuc: number;
}

const BASELINES: Readonly<Record<string, Baseline>> = { popularity, biases: userItemBiases };
const fitted = new WeakMap<Dataset, Readonly<Record<string, BaselineScores>>>();

/** Popularity and user + item biases by name, fitted once per data set. */
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
