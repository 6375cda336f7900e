export { FrozenPrefixFolder, type FrozenPrefixFolderOptions } from './fine-tuning/frozen-prefix-folder.js';
export type { BrokenImage } from './images/broken-image.js';
export { decodeImage } from './images/decode-image.js';
export { type DecodedImages, type DecodeImagesOptions, decodeImages } from './images/decode-images.js';
export { ImageError, type ImageErrorReason } from './images/image-error.js';
export type { ImageDecoderOptions } from './images/image-format.js';
export type { ImageSize } from './images/image-size.js';
export type { ImageStore } from './images/image-store.js';
export { type OpenImagesOptions, openImages } from './images/open-images.js';
export { ImageProcessor, type ProcessorFiles } from './images/processor/image-processor.js';
export { MissingPackageError } from './missing-package-error.js';
export type { DownloadProgress, HubOptions } from './pretrained/hub/hub-settings.js';
export { type OpenedPretrained, type OpenPretrainedOptions, openPretrained } from './pretrained/open-pretrained.js';
export { PretrainedError, type PretrainedErrorReason } from './pretrained/pretrained-error.js';
export { isAlive } from './stale-files.js';
export { encodeTexts } from './texts/encode-texts.js';
export { PublishedTokenizer, type PublishedTokenizerOptions } from './texts/published/published-tokenizer.js';
export type { TokenizerFiles } from './texts/published/tokenizer-files.js';
export { readTokenizer } from './texts/read-tokenizer.js';
export {
  type FromJSONOptions,
  TextTokenizer,
  type TextTokenizerOptions,
} from './texts/text-tokenizer.js';
export type { EncodeBatchOptions, EncodedBatch, Tokenizer } from './texts/tokenizer.js';
export { TokenizerError, type TokenizerErrorReason } from './texts/tokenizer-error.js';
export type { PixelScale } from './towers/pixel-scale.js';
export { removeUnfinished, writeWhole } from './write-whole.js';
