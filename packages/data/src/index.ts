export { type CategoryColumn, categoryColumn, decadeColumn } from './attributes/category-column.js';
export { assertAttributes, type ItemAttributes, noAttributes } from './attributes/item-attributes.js';
export { type Ragged, ragged } from './attributes/ragged.js';
export { rearrangeAttributes } from './attributes/rearrange-attributes.js';
export { type WordBagsOptions, wordBags } from './attributes/word-bags.js';
export {
  type AddedNegatives,
  type AddNegativesOptions,
  addNegatives,
  type ExcludedItems,
} from './batches/add-negatives.js';
export { type Batch, gatherBatch } from './batches/batch.js';
export type { BatchHistories, BatchHistory } from './batches/batch-history.js';
export {
  BatchPlan,
  type BatchPlanOptions,
  type SequentialBatchesOptions,
  sequentialBatches,
} from './batches/batch-plan.js';
export { NegativeSampler, type NegativeSamplerOptions } from './batches/negative-sampler.js';
export type { CsvOptions, CsvSource } from './csv/csv-table.js';
export { type ParseInteractionsOptions, parseInteractions } from './csv/parse-interactions.js';
export { type ParseItemsOptions, parseItems } from './csv/parse-items.js';
export { type ParseQueryLogOptions, parseQueryLog } from './csv/parse-query-log.js';
export type {
  HistoryEvents,
  HistoryOptions,
  HistorySelection,
  HistoryTargets,
  NamedHistories,
} from './history/history-options.js';
export { type AssertNoLeakageOptions, assertNoLeakage } from './leakage/assert-no-leakage.js';
export { type AssertNoQueryLeakageOptions, assertNoQueryLeakage } from './leakage/assert-no-query-leakage.js';
export { type AssertNoStreamLeakageOptions, assertNoStreamLeakage } from './leakage/assert-no-stream-leakage.js';
export { LeakageError } from './leakage/leakage-error.js';
export { type JoinQueriesOptions, type JoinQueriesOutput, joinQueries } from './queries/join-queries.js';
export { normalizeQuery } from './queries/normalize-query.js';
export type { QueryLog } from './queries/query-log.js';
export { type RecentTextsOptions, recentTexts } from './queries/recent-texts.js';
export type { InteractionTable, InteractionTableOptions } from './rows/interaction-rows.js';
export type { ItemTable, ItemTableOptions } from './rows/item-rows.js';
export type { QueryTable, QueryTableOptions } from './rows/query-rows.js';
export { TableError, type TableErrorDetails } from './rows/table-error.js';
export type { TableLimits } from './rows/table-limits.js';
export { assertSameIds } from './samples/assert-same-ids.js';
export { type BuildSamplesOptions, buildSamples } from './samples/build-samples.js';
export type { HistoryAsOf } from './samples/history-as-of.js';
export { IdIndex } from './samples/id-index.js';
export {
  type BuildInteractionsOptions,
  type BuiltInteractions,
  InteractionBuilder,
} from './samples/interaction-builder.js';
export type { Interactions } from './samples/interactions.js';
export { checkId, type OutsideId } from './samples/outside-id.js';
export type { Samples } from './samples/samples.js';
export type { TimestampRange } from './samples/timestamp-range.js';
export { assertTrainable } from './splits/assert-trainable.js';
export { coldItems, itemPopularity } from './splits/item-popularity.js';
export { LabelError } from './splits/label-error.js';
export type { Leakage, Split } from './splits/split.js';
export { type SplitByTimeOptions, splitByTime } from './splits/split-by-time.js';
export { type SplitByUserTimeOptions, splitByUserTime, splitLeaveLastOut } from './splits/split-by-user-time.js';
export { gatherStatistics, type Statistics } from './statistics/gather-statistics.js';
export { type Standardization, standardization } from './statistics/standardization.js';
export {
  type StatisticsBlock,
  type StatisticsBlockName,
  type StatisticsLayout,
  statisticsLayout,
} from './statistics/statistics-layout.js';
export {
  type StatisticsState,
  StatisticsTracker,
  type StatisticsTrackerOptions,
} from './statistics/statistics-tracker.js';
export { SampleStream } from './stream/sample-stream.js';
export type { StreamEvent } from './stream/stream-event.js';
export type { CurrentHistoriesOptions, SampleStreamOptions, StreamBatchesOptions } from './stream/stream-options.js';
export type { StreamCounts, StreamState } from './stream/stream-state.js';
