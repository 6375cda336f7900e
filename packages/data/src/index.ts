export { type AssertNoLeakageOptions, assertNoLeakage } from './assert-no-leakage.js';
export { type AssertNoQueryLeakageOptions, assertNoQueryLeakage } from './assert-no-query-leakage.js';
export { assertNoStreamLeakage } from './assert-no-stream-leakage.js';
export { type Batch, type BatchHistory, gatherBatch } from './batch.js';
export {
  BatchPlan,
  type BatchPlanOptions,
  type SequentialBatchesOptions,
  sequentialBatches,
} from './batch-plan.js';
export { type BuildSamplesOptions, buildSamples } from './build-samples.js';
export type {
  HistoryEvents,
  HistoryOptions,
  HistorySelection,
  HistoryTargets,
  NamedHistories,
} from './history-options.js';
export {
  type BuildInteractionsOptions,
  type BuiltInteractions,
  InteractionBuilder,
} from './interaction-builder.js';
export type { Interactions } from './interactions.js';
export { coldItems, itemPopularity } from './item-popularity.js';
export { type JoinQueriesOptions, type JoinQueriesOutput, joinQueries } from './join-queries.js';
export { LeakageError } from './leakage-error.js';
export { NegativeSampler, type NegativeSamplerOptions } from './negative-sampler.js';
export { normalizeQuery } from './normalize-query.js';
export type { QueryLog } from './query-log.js';
export { type ReadInteractionsOptions, type ReadInteractionsOutput, readInteractions } from './read-interactions.js';
export { type ItemTable, type ReadItemsOptions, readItems } from './read-items.js';
export { type ReadQueryLogOptions, type ReadQueryLogOutput, readQueryLog } from './read-query-log.js';
export { type RecentTextsOptions, recentTexts } from './recent-texts.js';
export { SampleStream, type SampleStreamOptions, type StreamBatchesOptions } from './sample-stream.js';
export type { Samples } from './samples.js';
export type { Leakage, Split } from './split.js';
export { type SplitByTimeOptions, splitByTime } from './split-by-time.js';
export { type SplitByUserTimeOptions, splitByUserTime, splitLeaveLastOut } from './split-by-user-time.js';
export type { StreamEvent } from './stream-event.js';
export type { StreamCounts, StreamState } from './stream-state.js';
export { TableError, type TableErrorDetails } from './table-error.js';
