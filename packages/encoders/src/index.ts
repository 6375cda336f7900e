export { ENCODER_TRAININGS, type EncoderTraining } from './fine-tuning/encoder-training.js';
export { FineTunedEncoder, type FineTunedEncoderOptions } from './fine-tuning/fine-tuned-encoder.js';
export {
  FrozenPrefixCache,
  type FrozenPrefixCacheOptions,
  type FrozenPrefixCounts,
} from './fine-tuning/frozen-prefix-cache.js';
export type { FrozenLayers, FrozenPrefixRows, FrozenPrefixStore } from './fine-tuning/frozen-prefix-store.js';
export { type InputRows, pixelRows, type RowPadding, tokenRows } from './fine-tuning/input-rows.js';
export { ImageEncoder, type ImageEncoderOptions } from './image-encoder.js';
export type { ImageSize } from './images/image-size.js';
export type { LayeredEncoder } from './layered-encoder.js';
export { describePretrained } from './pretrained/describe-pretrained.js';
export type { ImagePooling, LoadImageOptions } from './pretrained/image-form.js';
export { IMAGE_ARCHITECTURES, loadImageEncoder, type PublishedImageEncoder } from './pretrained/load-image-encoder.js';
export { loadTextEncoder, type PublishedTextEncoder, TEXT_ARCHITECTURES } from './pretrained/load-text-encoder.js';
export type { PretrainedFiles, PretrainedWeights } from './pretrained/pretrained-files.js';
export type { LoadTextOptions, TextPooling } from './pretrained/text-form.js';
export { TextEncoder, type TextEncoderOptions } from './text-encoder.js';
export { joinFields, type TokenFormat } from './texts/token-format.js';
export type { BlockEncoder, EncodedTokens, Pixels, TokenBatch, TokenEncoder } from './token-encoder.js';
export type { ImageTower } from './towers/image-tower.js';
export type { PixelScale } from './towers/pixel-scale.js';
export type { TextTower } from './towers/text-tower.js';
