export type { Baseline } from './baseline.js';
export { BASELINES, baselineWarnings } from './baseline-list.js';
export { categoryBlock, type FeatureBlock, type FeatureRow, numberBlock, statisticsBlock } from './features.js';
export { type FitBaselinesOptions, type FittedBaseline, fitBaselines } from './fit-baselines.js';
export { itemMean } from './item-mean.js';
export {
  fitLogisticRegression,
  type LogisticRegression,
  type LogisticRegressionOptions,
} from './logistic-regression.js';
export { popularity } from './popularity.js';
export { userItemBiases } from './user-item-biases.js';
