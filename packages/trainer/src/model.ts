// Everything that runs in a browser: options, model, training step and evaluation. Imports nothing of Node.
export {
  type Catalogue,
  type ImageColumn,
  type ItemContents,
  readContents,
  type TextColumn,
} from './catalogue/catalogue.js';
export {
  CONTROL_KINDS,
  type ControlKind,
  contentPermutation,
  controlCatalogue,
} from './catalogue/control-catalogue.js';
export { type EvaluateOptions, type Evaluation, evaluate, type Metrics, measure } from './evaluation/evaluate.js';
export type { RankingParts } from './model/build-network.js';
export { type BuildRankerOptions, buildRanker } from './model/build-ranker.js';
export { type DrawnCandidates, drawCandidates } from './model/candidate-sampling.js';
export type { CandidateVectors, ContentVectors, QueryVectors } from './model/candidate-vectors.js';
export { checkOptions } from './model/check-options.js';
export { ConcatenationFusion, type ConcatenationFusionOptions } from './model/concatenation-fusion.js';
export { ContentEncoder, type ContentEncoderParts } from './model/content-encoder.js';
export type { ContentFusion, Modality } from './model/content-fusion.js';
export { DivergenceError } from './model/divergence-error.js';
export type { EncoderOptions } from './model/encoder-options.js';
export { feedbackFeatures } from './model/feedback-features.js';
export type {
  AutoIntHeadOptions,
  DcnV2HeadOptions,
  DeepFmHeadOptions,
  DlrmHeadOptions,
  FactorizationMachineHeadOptions,
  HeadOptions,
  MlpHeadOptions,
  RankMixerHeadOptions,
} from './model/head-options.js';
export {
  type HistoryContent,
  LowRankHistory,
  type LowRankHistoryOptions,
  SharedFusionHistory,
  type SharedFusionHistoryOptions,
} from './model/history-content.js';
export {
  exportMergedWeights,
  exportWeights,
  importWeights,
  type ModelWeights,
  type TableWeights,
} from './model/model-weights.js';
export { MultimodalRanker } from './model/multimodal-ranker.js';
export type {
  CicTrainingOptions,
  ContentOptions,
  DecorrelationOptions,
  FusionOptions,
  HistoryContentOptions,
  HotContentOptions,
  OptimizerOptions,
  QuerySource,
  RankerOptions,
  SamplingOptions,
  SequenceOptions,
  SequencesOptions,
  SimilarityOptions,
  SqdcTrainingOptions,
  StatisticsColumn,
  StatisticsOptions,
} from './model/options.js';
export { em3, idOnly, lemur, type PresetOverrides, twoStage } from './model/presets.js';
export type {
  EncoderSource,
  EncoderSources,
  LoadedEncoders,
  LoadedImageEncoder,
  LoadedTextEncoder,
} from './model/published-encoders.js';
export { type QueryOptions, type QueryTexts, readQueries } from './model/query-texts.js';
export type { RankerParts, TrainedIds } from './model/ranker-parts.js';
export {
  type ContentInputs,
  RankingNetwork,
  type RankingNetworkParts,
  type SequenceReaders,
  type StatisticsInput,
} from './model/ranking-network.js';
export type {
  DecoderOptions,
  DienReaderOptions,
  DinReaderOptions,
  LongerReaderOptions,
  MeanPoolingReaderOptions,
  ReaderOptions,
  SimReaderOptions,
} from './model/reader-options.js';
export { historiesOf, type Sequence, type SequenceName, sequencesOf } from './model/sequences.js';
export { statisticsColumns, statisticsFeatures } from './model/statistics-features.js';
export type { StepOptions, StepResult } from './model/step-result.js';
export type { StepTimes } from './model/stopwatch.js';
export { TrainingStep } from './model/training-step.js';
