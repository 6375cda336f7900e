export type { BrokenImage } from './broken-image.js';
export { type DecodedImages, type DecodeImagesOptions, decodeImages } from './decode-images.js';
export { decodeImage, type ImageDecoderOptions } from './image-decoder.js';
export { ImageError, type ImageErrorReason } from './image-error.js';
export type { ImageSize } from './image-size.js';
export { MissingPackageError } from './missing-package-error.js';
export {
  type EncodeBatchOptions,
  type EncodedBatch,
  TextTokenizer,
  type TextTokenizerOptions,
} from './text-tokenizer.js';
export { TokenizerError, type TokenizerErrorReason } from './tokenizer-error.js';
