export { HistoryDecoder, type HistoryDecoderOptions } from './history-decoder.js';
export { type HistorySimilarityOutput, historySimilarity, sortDescending } from './history-similarity.js';
export { mixTokens, RankMixer, type RankMixerOptions } from './rank-mixer.js';
