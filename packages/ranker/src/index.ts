export type { FeatureGroups, Features } from './feature-groups.js';
export { type DecoderAttention, HistoryDecoder, type HistoryDecoderOptions } from './history-decoder.js';
export type {
  HistoryReader,
  HistoryReaderInputs,
  HistoryReaderOptions,
  HistoryReaderOutput,
} from './history-reader.js';
export { type HistorySimilarityOutput, historySimilarity } from './history-similarity.js';
export { Longer, type LongerOptions, type LongerTokens } from './longer.js';
export { type MixerFeedForward, mixTokens } from './mixer-block.js';
export { MlpHead, type MlpHeadOptions } from './mlp-head.js';
export { nextRegularization, RankMixer, type RankMixerOptions } from './rank-mixer.js';
export type { RankingHead, RankingOutput } from './ranking-head.js';
export { type SimilarityFeaturesOptions, similarityFeatures, similarityWidth } from './similarity-features.js';
export { sortDescending } from './sort-descending.js';
export { TokenMerge, type TokenMergeOptions, type TokenMergeOutput } from './token-merge.js';
