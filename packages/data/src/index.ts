export { type AssertNoLeakageOptions, assertNoLeakage } from './assert-no-leakage.js';
export { type Batch, gatherBatch } from './batch.js';
export {
  BatchPlan,
  type BatchPlanOptions,
  type SequentialBatchesOptions,
  sequentialBatches,
} from './batch-plan.js';
export { type BuildSamplesOptions, buildSamples } from './build-samples.js';
export {
  type BuildInteractionsOptions,
  type BuiltInteractions,
  InteractionBuilder,
} from './interaction-builder.js';
export type { Interactions } from './interactions.js';
export { coldItems, itemPopularity } from './item-popularity.js';
export { LeakageError } from './leakage-error.js';
export { NegativeSampler, type NegativeSamplerOptions } from './negative-sampler.js';
export { type ReadInteractionsOptions, type ReadInteractionsOutput, readInteractions } from './read-interactions.js';
export { type ItemTable, type ReadItemsOptions, readItems } from './read-items.js';
export type { Samples } from './samples.js';
export type { Leakage, Split } from './split.js';
export { type SplitByTimeOptions, splitByTime } from './split-by-time.js';
export { type SplitByUserTimeOptions, splitByUserTime, splitLeaveLastOut } from './split-by-user-time.js';
export { TableError, type TableErrorDetails } from './table-error.js';
