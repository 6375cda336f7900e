import { ImageEncoder, TextEncoder } from '@sifaka/encoders';
import { deriveSeed, EmbeddingTable, Linear } from '@sifaka/nn';
import { FusionQFormer } from '@sifaka/qformer';
import {
  type FeatureGroups,
  HistoryDecoder,
  type HistoryReader,
  Longer,
  MlpHead,
  type RankingHead,
  RankMixer,
  similarityWidth,
} from '@sifaka/ranker';
import { type Catalogue, DOCUMENT_TYPES } from '../catalogue/catalogue.js';
import { checkOptions } from './check-options.js';
import { ContentEncoder } from './content-encoder.js';
import { ContentIdContrast } from './content-id-contrast.js';
import { feedbackWidth } from './feedback-features.js';
import { MultimodalRanker, type RankerParts } from './multimodal-ranker.js';
import type { ContentOptions, HeadOptions, RankerOptions, ReaderOptions } from './options.js';
import { QueryEncoder } from './query-encoder.js';
import { assertCatalogueQueries, queryTextLength } from './query-texts.js';
import { RankingNetwork, type SequenceReaders } from './ranking-network.js';
import { historiesOf, type SequenceName, sequencesOf } from './sequences.js';

export interface BuildRankerOptions {
  readonly catalogue: Catalogue;
  readonly numUsers: number;
  /**
   * Modules that replace those that the options describe, such as a content encoder with published weights. The model
   * disposes them.
   */
  readonly parts?: Partial<RankerParts> & RankingParts;
}

/** Parts of the ranking network. */
export interface RankingParts {
  /** By sequence: readers that replace those of the options, for sequences whose options have a reader. */
  readonly readers?: { readonly [Name in SequenceName]?: Omit<SequenceReaders, 'sequence'> };
  /** Makes the head for the feature groups of the model. */
  readonly head?: (groups: FeatureGroups) => RankingHead;
}

/**
 * Assembles the model that the options describe.
 *
 * @throws RangeError if an option is unknown or impossible, or the catalogue lacks the queries that the options need.
 */
export function buildRanker(
  unchecked: RankerOptions,
  { catalogue, numUsers, parts = {} }: BuildRankerOptions,
): MultimodalRanker {
  const options = checkOptions('buildRanker', unchecked);
  assertCatalogueQueries('buildRanker', catalogue, options.content);
  const { content, dim, idDim, cic, seed } = options;
  return new MultimodalRanker(options, catalogue, {
    tables: parts.tables ?? {
      users: new EmbeddingTable({ size: numUsers, dim: idDim, seed: deriveSeed(seed, 'users') }),
      items: new EmbeddingTable({ size: catalogue.size, dim: idDim, seed: deriveSeed(seed, 'items') }),
    },
    content: parts.content ?? (content && buildContentEncoder(content, dim, catalogue, deriveSeed(seed, 'content'))),
    query: parts.query ?? (content && buildQueryEncoder(content, dim, catalogue, deriveSeed(seed, 'query'))),
    network: parts.network ?? buildNetwork(options, parts),
    contentId:
      parts.contentId ??
      (content !== undefined && cic.weight > 0
        ? new ContentIdContrast({ dim, idDim, temperature: cic.temperature, seed: deriveSeed(seed, 'contentId') })
        : undefined),
  });
}

function buildContentEncoder(
  { patchSize, imageDepth, textDepth, fusionQueries, fusionDepth, heads }: ContentOptions,
  dim: number,
  { images, documents, vocabularySize }: Catalogue,
  seed: number,
): ContentEncoder {
  return new ContentEncoder({
    image: new ImageEncoder({
      height: images.height,
      width: images.width,
      patchSize,
      dim,
      depth: imageDepth,
      heads,
      seed: deriveSeed(seed, 'image'),
    }),
    text: new TextEncoder({
      vocabularySize,
      maxLength: 1 + documents.maxLength,
      dim,
      tokenTypes: DOCUMENT_TYPES,
      depth: textDepth,
      heads,
      seed: deriveSeed(seed, 'text'),
    }),
    fusion: new FusionQFormer({
      modalities: ['image', 'text'],
      dim,
      numQueries: fusionQueries,
      depth: fusionDepth,
      heads,
      seed: deriveSeed(seed, 'fusion'),
    }),
  });
}

function buildQueryEncoder(content: ContentOptions, dim: number, catalogue: Catalogue, seed: number): QueryEncoder {
  return new QueryEncoder({
    vocabularySize: catalogue.vocabularySize,
    maxLength: queryTextLength(catalogue, content),
    dim,
    depth: content.queryDepth,
    heads: content.heads,
    seed,
  });
}

function buildNetwork(options: RankerOptions, { readers: given = {}, head }: RankingParts): RankingNetwork {
  const { content, dim, idDim, seed, statistics } = options;
  const ids = { user: idDim, item: idDim };
  const vectors = { ...ids, query: dim, content: dim };
  const context = { context: totalWidth(vectors) }; // The network concatenates these groups once for all decoders.
  const readers = sequencesOf(options).map((sequence): SequenceReaders => {
    const { name, length, seeds } = sequence;
    const make = (part: 'ids' | 'vectors', groups: FeatureGroups, width: number) => {
      const reader = sequence[part];
      if (reader === undefined) return undefined;
      const readerSeed = deriveSeed(seed, `${seeds[part]}${READER_NAMES[reader.kind]}`);
      return given[name]?.[part] ?? buildReader(reader, groups, width, length, readerSeed);
    };
    return {
      sequence,
      ids: make('ids', ids, idDim),
      vectors: make('vectors', sequence.vectors?.kind === 'decoder' ? context : vectors, dim),
    };
  });
  const groups: Record<string, number> = { ...ids };
  for (const { sequence, ids: reader } of readers) {
    if (reader !== undefined) groups[sequence.groups.ids] = reader.outputDim;
  }
  const feedback = feedbackWidth(Object.values(historiesOf(options)));
  if (feedback > 0) groups['feedback'] = feedback;
  if (statistics !== undefined) groups['statistics'] = statistics.columns.length;
  if (content !== undefined) Object.assign(groups, { query: dim, content: dim });
  for (const { sequence, vectors: reader } of readers) {
    if (reader === undefined) continue;
    const { length, similarity } = sequence;
    groups[sequence.groups.vectors] = reader.outputDim;
    if (similarity !== undefined) groups[sequence.groups.similarity] = similarityWidth(length, similarity);
  }
  const built = head?.(groups) ?? buildHead(options.head, groups, deriveSeed(seed, 'mixer'));
  return new RankingNetwork({
    readers,
    head: built,
    statistics: statistics && {
      columns: statistics.columns,
      wide: statistics.wide
        ? new Linear({ inputDim: statistics.columns.length, outputDim: 1, seed: deriveSeed(seed, 'wide') })
        : undefined,
    },
  });
}

/** Parts of the names from which seeds derive. */
const READER_NAMES: Readonly<Record<ReaderOptions['kind'], string>> = { decoder: 'Decoder', longer: 'Longer' };

function totalWidth(groups: FeatureGroups): number {
  return Object.values(groups).reduce((total, width) => total + width, 0);
}

function buildReader(
  options: ReaderOptions,
  groups: FeatureGroups,
  dim: number,
  maxLength: number,
  seed: number,
): HistoryReader {
  switch (options.kind) {
    case 'decoder':
      return new HistoryDecoder({ ...options, groups, dim, seed });
    case 'longer':
      return new Longer({ groups, dim, maxLength, seed });
  }
}

function buildHead(options: HeadOptions, groups: FeatureGroups, seed: number): RankingHead {
  switch (options.kind) {
    case 'rankMixer':
      return new RankMixer({ ...options, groups, seed });
    case 'mlp':
      return new MlpHead({ ...options, groups, seed });
  }
}
