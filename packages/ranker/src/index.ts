export { type FeatureGroups, type Features, totalWidth } from './features/feature-groups.js';
export { AutoInt, type AutoIntOptions } from './heads/auto-int.js';
export type { CrossWeights } from './heads/cross-layer.js';
export { DcnV2, type DcnV2Options } from './heads/dcn-v2.js';
export { DeepFm, type DeepFmOptions } from './heads/deep-fm.js';
export { Dlrm, type DlrmOptions } from './heads/dlrm.js';
export { FactorizationMachine, type FactorizationMachineOptions } from './heads/factorization-machine.js';
export { type MixerFeedForward, mixTokens } from './heads/mixer-block.js';
export { MlpHead, type MlpHeadOptions } from './heads/mlp-head.js';
export { nextRegularization, RankMixer, type RankMixerOptions } from './heads/rank-mixer.js';
export type { RankingHead, RankingHeadOptions, RankingOutput } from './heads/ranking-head.js';
export { Dien, type DienOptions } from './readers/dien.js';
export { Din, type DinOptions, type DinPooling } from './readers/din.js';
export { type DecoderAttention, HistoryDecoder, type HistoryDecoderOptions } from './readers/history-decoder.js';
export type {
  HistoryReader,
  HistoryReaderInputs,
  HistoryReaderOptions,
  HistoryReaderOutput,
  TargetedInputs,
  TargetedReaderOptions,
  UntargetedInputs,
} from './readers/history-reader.js';
export type { FoundItems } from './readers/keep-top.js';
export { Longer, type LongerOptions, type LongerTokens } from './readers/longer.js';
export { MeanPooling, type MeanPoolingOptions } from './readers/mean-pooling.js';
export { Sim, type SimOptions, type SimSearch } from './readers/sim.js';
export { TokenMerge, type TokenMergeOptions, type TokenMergeOutput } from './readers/token-merge.js';
export type { UnitActivation } from './readers/unit-activation.js';
export { type HistorySimilarityOutput, historySimilarity } from './similarity/history-similarity.js';
export {
  type SimilarityFeaturesOptions,
  similarityFeatures,
  similarityWidth,
} from './similarity/similarity-features.js';
export { sortDescending } from './similarity/sort-descending.js';
