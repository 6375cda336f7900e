import { fitBaselines } from '@sifaka/baselines';
import { type BaselineMetrics, measure } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';

/** A baseline that was fitted on train. */
export interface BaselineScores {
  /** Logits of the test events, in order. */
  readonly testLogits: Float32Array;
  readonly test: BaselineMetrics;
  /** A reference for training curves. */
  readonly validationAuc: number;
}

const fitted = new WeakMap<Dataset, Readonly<Record<string, BaselineScores>>>();

/** All baselines that the data have the columns for, by name, fitted once per data set. */
export function baselineScores(data: Dataset): Readonly<Record<string, BaselineScores>> {
  let scores = fitted.get(data);
  if (scores === undefined) {
    scores = Object.fromEntries(fitAll(data));
    fitted.set(data, scores);
  }
  return scores;
}

function fitAll(data: Dataset): (readonly [name: string, scores: BaselineScores])[] {
  const { train, validation, test } = data.split;
  const indices = Int32Array.from([...validation, ...test]);
  return fitBaselines({ ...data, train, indices }).map(({ name, logits }) => {
    const testLogits = logits.slice(validation.length);
    const { all, cold } = measure(testLogits, { ...data, indices: test });
    const { auc } = measure(logits.slice(0, validation.length), { ...data, indices: validation }).all;
    return [name, { testLogits, test: { ...all, coldItems: cold }, validationAuc: auc }] as const;
  });
}
