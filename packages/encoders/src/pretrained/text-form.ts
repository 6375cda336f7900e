import type { PublishedNames } from '@sifaka/nn';
import type { PoolingHeadOptions } from '../towers/pooling-head.js';
import type { TextPool, TextTowerOptions } from '../towers/text-tower.js';
import type { ConfigReader } from './config-reader.js';
import type { PublishedForm } from './load-weights.js';
import type { PretrainedFiles } from './pretrained-files.js';

/** What `pooled` is. */
export type TextPooling =
  /** The mean of the tokens that are not padding, as MiniLM and E5 have it. */
  | { readonly kind: 'mean' }
  /** The first token. */
  | { readonly kind: 'classification' }
  /** BERT's: the first token, a linear map and a hyperbolic tangent. */
  | { readonly kind: 'pooler' }
  /** CLIP's token at the end of the text. */
  | { readonly kind: 'endOfText' }
  /** CLIP's: that token in the space that images share. */
  | { readonly kind: 'projection' }
  /** SigLIP's: the last of all positions, and a linear map. */
  | { readonly kind: 'lastToken' };

export interface LoadTextOptions {
  /** Default: that of the architecture, see {@link loadTextEncoder}. */
  readonly pooling?: TextPooling;
  /** What SigLIP's texts are padded with. Default: the id that the tokenizer's files name. Others ignore it. */
  readonly paddingId?: number;
}

/** What an architecture reads its form from. */
export interface TextSource {
  /** Of the text tower. */
  readonly config: ConfigReader;
  /** The same, or that of an image and a text tower. */
  readonly whole: ConfigReader;
  readonly files: PretrainedFiles;
  readonly options: LoadTextOptions;
}

export interface PoolingForm {
  readonly pool: TextPool;
  readonly head?: Omit<PoolingHeadOptions, 'dim' | 'seed'>;
  /** Of the head's weights. */
  readonly names?: PublishedNames;
}

/** A published architecture with the sizes of one checkpoint. */
export interface TextForm extends PublishedForm {
  readonly tower: Omit<TextTowerOptions, 'name' | 'seed' | 'pool' | 'head'>;
  /** The default first. */
  readonly poolings: { readonly [Kind in TextPooling['kind']]?: PoolingForm };
}
