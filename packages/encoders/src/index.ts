export { ImageEncoder, type ImageEncoderOptions } from './image-encoder.js';
export { TextEncoder, type TextEncoderOptions, type TextEncoderOutput, type TokenBatch } from './text-encoder.js';
