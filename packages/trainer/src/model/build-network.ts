import { deriveSeed, Linear } from '@sifaka/nn';
import { type FeatureGroups, type RankingHead, similarityWidth, totalWidth } from '@sifaka/ranker';
import type { Catalogue } from '../catalogue/catalogue.js';
import { buildHead } from './build-head.js';
import { buildReader, READER_NAMES } from './build-reader.js';
import { feedbackWidth } from './feedback-features.js';
import type { RankerOptions } from './options.js';
import { RankingNetwork, type SequenceReaders } from './ranking-network.js';
import { historiesOf, type SequenceName, sequencesOf } from './sequences.js';

/** Parts of the ranking network. */
export interface RankingParts {
  /** By sequence: readers that replace those of the options, for sequences whose options have a reader. */
  readonly readers?: { readonly [Name in SequenceName]?: Omit<SequenceReaders, 'sequence'> };
  /** Makes the head for the feature groups of the model. */
  readonly head?: (groups: FeatureGroups) => RankingHead;
}

/** Assembles readers and head. */
export function buildNetwork(
  options: RankerOptions,
  catalogue: Catalogue,
  { readers: given = {}, head }: RankingParts,
): RankingNetwork {
  const { content, dim, idDim, seed, statistics } = options;
  const ids = { user: idDim, item: idDim };
  const vectors = { ...ids, ...(hasQuery(options) && { query: dim }), content: dim };
  const context = { context: totalWidth(vectors) }; // The network concatenates these groups once for all decoders.
  const readers = sequencesOf(options).map((sequence): SequenceReaders => {
    const { name, length: maxLength, seeds } = sequence;
    const make = (part: 'ids' | 'vectors', groups: FeatureGroups, width: number) => {
      const reader = sequence[part];
      if (reader === undefined) return undefined;
      const readerSeed = deriveSeed(seed, `${seeds[part]}${READER_NAMES[reader.kind]}`);
      return given[name]?.[part] ?? buildReader(reader, { groups, dim: width, maxLength, seed: readerSeed });
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
  if (content !== undefined) Object.assign(groups, { ...(hasQuery(options) && { query: dim }), content: dim });
  for (const { sequence, vectors: reader } of readers) {
    if (reader === undefined) continue;
    const { length, similarity } = sequence;
    groups[sequence.groups.vectors] = reader.outputDim;
    if (similarity !== undefined) groups[sequence.groups.similarity] = similarityWidth(length, similarity);
  }
  return new RankingNetwork({
    readers,
    head: head?.(groups) ?? buildHead(options.head, groups, deriveSeed(seed, 'mixer')),
    catalogue,
    statistics: statistics && {
      columns: statistics.columns,
      wide: statistics.wide
        ? new Linear({ inputDim: statistics.columns.length, outputDim: 1, seed: deriveSeed(seed, 'wide') })
        : undefined,
    },
  });
}

function hasQuery({ content }: RankerOptions): boolean {
  return content !== undefined && content.query !== 'none';
}
