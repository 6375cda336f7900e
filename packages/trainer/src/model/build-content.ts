import {
  FineTunedEncoder,
  FrozenPrefixCache,
  type FrozenPrefixCacheOptions,
  ImageEncoder,
  type LayeredEncoder,
  TextEncoder,
} from '@sifaka/encoders';
import { deriveSeed, Linear } from '@sifaka/nn';
import { FusionQFormer, publicForm } from '@sifaka/qformer';
import { type Catalogue, DOCUMENT_TYPES, rowLength } from '../catalogue/catalogue.js';
import { ConcatenationFusion } from './concatenation-fusion.js';
import { ContentEncoder } from './content-encoder.js';
import { type ContentFusion, MODALITIES } from './content-fusion.js';
import type { EncoderOptions } from './encoder-options.js';
import type { ContentOptions, RankerOptions } from './options.js';
import type { LoadedEncoders } from './published-encoders.js';
import { QueryEncoder } from './query-encoder.js';
import { queryFormat, queryTokens } from './query-texts.js';

export interface ContentSources {
  readonly catalogue: Catalogue;
  /** The published encoders that the options name; the content encoder disposes them. */
  readonly encoders: LoadedEncoders;
  /** Of the outputs of frozen layers, for each encoder; false: none. Default `{}`. */
  readonly cache?: FrozenPrefixCacheOptions | false;
}

/** Makes the content encoder that the options describe. */
export function buildContentEncoder(
  content: ContentOptions,
  { dim, seed: modelSeed }: Pick<RankerOptions, 'dim' | 'seed'>,
  { catalogue, encoders, cache = {} }: ContentSources,
): ContentEncoder {
  const seed = deriveSeed(modelSeed, 'content');
  const own = { dim, seed };
  const image = encoders.image?.encoder ?? ownImageEncoder(content, own, catalogue);
  const text = encoders.text?.encoder ?? ownTextEncoder(content, own, catalogue);
  const tuned = {
    image: fineTune(image, content.image, { seed: deriveSeed(seed, 'image'), cache }),
    text: fineTune(text, content.text, { seed: deriveSeed(seed, 'text'), cache }),
  };
  return new ContentEncoder({
    ...tuned,
    projections: Object.fromEntries(
      MODALITIES.filter((name) => tuned[name].dim !== dim).map((name) => [
        name,
        new Linear({ inputDim: tuned[name].dim, outputDim: dim, seed: deriveSeed(seed, 'projections', name) }),
      ]),
    ),
    fusion: buildFusion(content, dim, deriveSeed(seed, 'fusion')),
    sources: {
      ...(encoders.image && { image: encoders.image.source }),
      ...(encoders.text && { text: encoders.text.source }),
    },
  });
}

function ownImageEncoder(
  { patchSize, imageDepth, heads }: ContentOptions,
  { dim, seed }: { readonly dim: number; readonly seed: number },
  { images: { height, width } }: Catalogue,
): ImageEncoder {
  return new ImageEncoder({ height, width, patchSize, dim, depth: imageDepth, heads, seed: deriveSeed(seed, 'image') });
}

function ownTextEncoder(
  { textDepth, heads }: ContentOptions,
  { dim, seed }: { readonly dim: number; readonly seed: number },
  catalogue: Catalogue,
): TextEncoder {
  return new TextEncoder({
    vocabularySize: catalogue.vocabularySize,
    maxLength: rowLength(catalogue, catalogue.documents.maxLength),
    dim,
    tokenTypes: DOCUMENT_TYPES,
    depth: textDepth,
    heads,
    seed: deriveSeed(seed, 'text'),
  });
}

function fineTune<Input>(
  encoder: LayeredEncoder<Input>,
  { train = { kind: 'full' }, layerDecay = 1, recompute = false }: EncoderOptions = {},
  { seed, cache }: { readonly seed: number; readonly cache: FrozenPrefixCacheOptions | false },
): FineTunedEncoder<Input> {
  const keeps = cache !== false && (train.kind === 'frozen' || train.kind === 'top');
  return new FineTunedEncoder(encoder, {
    ...{ train, layerDecay, recompute, seed },
    cache: keeps ? new FrozenPrefixCache(cache) : undefined,
  });
}

function buildFusion(
  { fusion = { kind: 'queryFormer' }, fusionQueries, fusionDepth, heads }: ContentOptions,
  dim: number,
  seed: number,
): ContentFusion {
  switch (fusion.kind) {
    case 'queryFormer': {
      const sizes = { modalities: MODALITIES, dim, numQueries: fusionQueries, depth: fusionDepth, heads, seed };
      return new FusionQFormer(fusion.form === 'public' ? publicForm(sizes) : sizes);
    }
    case 'concatenation':
      return new ConcatenationFusion({ dim, seed });
  }
}

/** Makes the query tower; undefined if the options have none. */
export function buildQueryEncoder(
  content: ContentOptions,
  { dim, seed }: Pick<RankerOptions, 'dim' | 'seed'>,
  catalogue: Catalogue,
): QueryEncoder | undefined {
  const { query, queryItems, queryDepth, heads } = content;
  if (query === 'none') return undefined;
  return new QueryEncoder({
    vocabularySize: catalogue.vocabularySize,
    maxLength: rowLength({ format: queryFormat(catalogue) }, queryTokens(catalogue, { query, queryItems })),
    dim,
    depth: queryDepth,
    heads,
    seed: deriveSeed(seed, 'query'),
  });
}
