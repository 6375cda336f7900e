export { auc } from './auc.js';
export {
  type BootstrapIntervalOptions,
  type BootstrapIntervalResult,
  bootstrapInterval,
} from './bootstrap-interval.js';
export { type CalibrationBin, type CalibrationOptions, type CalibrationResult, calibration } from './calibration.js';
export { type GaucOptions, type GaucResult, gauc } from './gauc.js';
export { GAUC_VARIANTS, type GaucRule, type GaucVariant } from './gauc-variants.js';
export { logLoss, logLossFromLogits } from './log-loss.js';
export { MetricInputError } from './metric-input-error.js';
export { ndcgAt } from './ndcg-at.js';
export {
  type PairedBootstrapOptions,
  type PairedBootstrapResult,
  pairedBootstrap,
  type Runs,
} from './paired-bootstrap.js';
export { type QaucResult, qauc } from './qauc.js';
export { type RecallOptions, recallAt } from './recall-at.js';
export type { ResamplingOptions } from './resampling.js';
export type { TopKOptions, TopKResult } from './top-k-mean.js';
