export { ImageEncoder, type ImageEncoderOptions } from './image-encoder.js';
export { describePretrained } from './pretrained/describe-pretrained.js';
export type { PretrainedFiles, PretrainedWeights } from './pretrained/pretrained-files.js';
export { TextEncoder, type TextEncoderOptions } from './text-encoder.js';
export { joinFields, type TokenFormat } from './texts/token-format.js';
export type { EncodedTokens, Pixels, TokenBatch, TokenEncoder } from './token-encoder.js';
