export { type Baseline, popularity, userItemBiases } from './baselines.js';
export { type BuildCatalogueOptions, type BuiltCatalogue, buildCatalogue, type RawItem } from './build-catalogue.js';
export { type DrawnCandidates, drawCandidates } from './candidate-sampling.js';
export {
  type Catalogue,
  type ImageColumn,
  type ItemContents,
  readContents,
  type TextColumn,
} from './catalogue.js';
export { type CheckpointOptions, listCheckpoints, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
export { CheckpointError } from './checkpoint-error.js';
export { historiesOf } from './content-sequences.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Metrics, measure } from './evaluate.js';
export { feedbackFeatures } from './feedback-features.js';
export { type BankInspection, type InspectBankOptions, inspectBank } from './inspect-bank.js';
export { exportWeights, importWeights, type ModelWeights, type TableWeights } from './model-weights.js';
export { MultimodalRanker } from './multimodal-ranker.js';
export {
  type AddedItems,
  type Arrival,
  GrowingCatalogue,
  listOnline,
  type NewItem,
  type OnlineCounts,
  type OnlineMetrics,
  type OnlineOptions,
  type OnlineSettings,
  type OnlineState,
  OnlineTrainer,
  type RankedItem,
  type RankRequest,
  type ResumeOnlineOptions,
  type RunOnlineOptions,
  resumeOnline,
} from './online/index.js';
export type {
  CicTrainingOptions,
  ContentOptions,
  HotContentOptions,
  OptimizerOptions,
  QuerySource,
  RankerOptions,
  SamplingOptions,
  SequenceOptions,
  SqdcTrainingOptions,
} from './options.js';
export { idOnly, lemur, type PresetOverrides, twoStage } from './presets.js';
export { type QueryOptions, type QueryTexts, readQueries } from './query-texts.js';
export {
  type BaselineMetrics,
  peakMemoryMiB,
  REPORT_SCHEMA,
  type Report,
  type ReportData,
  type ReportQueries,
  writeReport,
} from './report.js';
export type { LossPoint, RunState, ValidationPoint } from './run-state.js';
export type { StepOptions, StepResult } from './step-result.js';
export type { StepTimes } from './stopwatch.js';
export { type StepProgress, type TrainOptions, type TrainResult, train } from './train.js';
export { TrainingError } from './training-error.js';
export { type TrainingPlotOptions, trainingPlot } from './training-plot.js';
