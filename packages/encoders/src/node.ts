export type { BrokenImage } from './images/broken-image.js';
export { decodeImage, type ImageDecoderOptions } from './images/decode-image.js';
export { type DecodedImages, type DecodeImagesOptions, decodeImages } from './images/decode-images.js';
export { ImageError, type ImageErrorReason } from './images/image-error.js';
export type { ImageSize } from './images/image-size.js';
export { MissingPackageError } from './missing-package-error.js';
export {
  type EncodeBatchOptions,
  type EncodedBatch,
  TextTokenizer,
  type TextTokenizerOptions,
} from './texts/text-tokenizer.js';
export { TokenizerError, type TokenizerErrorReason } from './texts/tokenizer-error.js';
