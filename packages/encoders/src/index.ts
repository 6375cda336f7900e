export { ImageEncoder, type ImageEncoderOptions } from './image-encoder.js';
export { TextEncoder, type TextEncoderOptions } from './text-encoder.js';
export type { EncodedTokens, Pixels, TokenBatch, TokenEncoder } from './token-encoder.js';
