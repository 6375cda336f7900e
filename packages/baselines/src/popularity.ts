import { itemPopularity } from '@sifaka/data';
import type { Baseline } from './baseline.js';
import { numberBlock } from './features.js';
import { fitLogisticRegression } from './logistic-regression.js';

/** Keeps the fit finite if everything is liked, and is otherwise too small to matter. */
const PENALTY = 1e-6;

/** A logistic regression on `log(1 + count)` of the item's events in train. */
export const popularity: Baseline = (samples, train, indices) => {
  const counts = itemPopularity(samples, train);
  const blocks = [numberBlock(Float64Array.from(samples.items, (item) => Math.log1p(counts[item]!)))];
  const { logit } = fitLogisticRegression({ blocks, labels: samples.labels, train, penalty: PENALTY });
  return Float32Array.from(indices, logit);
};
