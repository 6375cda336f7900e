import type { PublishedNames } from '@sifaka/nn';
import type { ImageSize } from '../images/image-size.js';
import type { ImagePool, ImageTowerOptions } from '../towers/image-tower.js';
import type { PixelScale } from '../towers/pixel-scale.js';
import type { PoolingHeadOptions } from '../towers/pooling-head.js';
import type { ConfigReader } from './config-reader.js';
import type { PublishedForm } from './load-weights.js';
import type { PretrainedFiles } from './pretrained-files.js';

/** What `pooled` is. */
export type ImagePooling =
  /** The mean of all tokens. */
  | { readonly kind: 'mean' }
  /** The class token; CLIP normalises it. */
  | { readonly kind: 'classification' }
  /** ViT's: the class token, a linear map and a hyperbolic tangent. */
  | { readonly kind: 'pooler' }
  /** CLIP's: the class token in the space that texts share. */
  | { readonly kind: 'projection' }
  /** SigLIP's: what a learned probe reads from the tokens. */
  | { readonly kind: 'attention' };

export interface LoadImageOptions {
  /** Default: that of the architecture, see {@link loadImageEncoder}. */
  readonly pooling?: ImagePooling;
  /**
   * Size of the images in pixels, multiples of the patch size. Default: what `preprocessor_config.json` makes, or
   * `image_size` of `config.json` if there is none. Positions are interpolated if it is not the latter.
   */
  readonly imageSize?: ImageSize;
  /** Default: that of `preprocessor_config.json`. */
  readonly scale?: PixelScale;
}

/** What an architecture reads its form from. */
export interface ImageSource {
  /** Of the image tower. */
  readonly config: ConfigReader;
  /** The same, or that of an image and a text tower. */
  readonly whole: ConfigReader;
  readonly files: PretrainedFiles;
}

export interface ImagePoolingForm {
  readonly pool: ImagePool;
  readonly head?: Omit<PoolingHeadOptions, 'dim' | 'seed'>;
  /** Of the weights of both. */
  readonly names?: PublishedNames;
}

/** A published architecture with the sizes of one checkpoint. */
export interface ImageForm extends PublishedForm {
  readonly tower: Omit<ImageTowerOptions, 'name' | 'seed' | 'pool' | 'head' | 'height' | 'width' | 'scale'>;
  /** The name of the table of positions. `names` has neither it nor that of the patches' weight. */
  readonly positions: { readonly name: string; readonly leadingAxis: boolean; readonly antialias: boolean };
  /** The name of the weight of the patches' convolution. */
  readonly patches: string;
  /** Of the images that it was trained on. */
  readonly imageSize: ImageSize;
  /** The default first. */
  readonly poolings: { readonly [Kind in ImagePooling['kind']]?: ImagePoolingForm };
}
