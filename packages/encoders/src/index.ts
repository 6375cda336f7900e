export { ENCODER_TRAININGS, type EncoderTraining } from './fine-tuning/encoder-training.js';
export { FineTunedEncoder, type FineTunedEncoderOptions } from './fine-tuning/fine-tuned-encoder.js';
export { FrozenPrefixCache, type FrozenPrefixCacheOptions } from './fine-tuning/frozen-prefix-cache.js';
export { type InputRows, pixelRows, type RowPadding, tokenRows } from './fine-tuning/input-rows.js';
export { ImageEncoder, type ImageEncoderOptions } from './image-encoder.js';
export type { LayeredEncoder } from './layered-encoder.js';
export { TextEncoder, type TextEncoderOptions } from './text-encoder.js';
export type { BlockEncoder, EncodedTokens, Pixels, TokenBatch, TokenEncoder } from './token-encoder.js';
