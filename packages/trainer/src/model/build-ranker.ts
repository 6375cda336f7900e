import type { FrozenPrefixCacheOptions } from '@sifaka/encoders';
import { deriveSeed, EmbeddingTable } from '@sifaka/nn';
import type { Catalogue } from '../catalogue/catalogue.js';
import { buildContentEncoder, buildQueryEncoder } from './build-content.js';
import { buildNetwork, type RankingParts } from './build-network.js';
import { checkOptions } from './check-options.js';
import { ContentIdContrast } from './content-id-contrast.js';
import { buildHistoryContent } from './history-content.js';
import { MultimodalRanker } from './multimodal-ranker.js';
import type { RankerOptions } from './options.js';
import { assertCatalogueQueries } from './query-texts.js';
import type { RankerParts } from './ranker-parts.js';
import { assertCategories } from './same-category.js';
import { sequencesOf } from './sequences.js';

export interface BuildRankerOptions {
  readonly catalogue: Catalogue;
  readonly numUsers: number;
  /**
   * Modules that replace those that the options describe, such as a content encoder with published weights. The model
   * disposes them.
   */
  readonly parts?: Partial<RankerParts> & RankingParts;
  /**
   * Where an encoder's lower layers are frozen: how much of what they compute of each item is kept in memory, for each
   * of image and text, and in which store beyond the run. False: they run every time. Default `{}`: 512 MiB each, and
   * no store.
   */
  readonly frozenPrefixes?: FrozenPrefixCacheOptions | false;
}

/**
 * Assembles the model that the options describe.
 *
 * @throws RangeError if an option is unknown or impossible, or the catalogue lacks the queries or categories that the
 *   options need.
 */
export function buildRanker(
  unchecked: RankerOptions,
  { catalogue, numUsers, parts = {}, frozenPrefixes = {} }: BuildRankerOptions,
): MultimodalRanker {
  const options = checkOptions('buildRanker', unchecked);
  assertCatalogueQueries('buildRanker', catalogue, options.content);
  if (parts.network === undefined) assertCategories('buildRanker', catalogue, sequencesOf(options));
  const { content, dim, idDim, cic, seed } = options;
  const { weight: _, ...contrast } = cic;
  const encoder = parts.content ?? (content && buildContentEncoder(content, options, catalogue, frozenPrefixes));
  return new MultimodalRanker(options, catalogue, {
    tables: parts.tables ?? {
      users: new EmbeddingTable({ size: numUsers, dim: idDim, seed: deriveSeed(seed, 'users') }),
      items: new EmbeddingTable({ size: catalogue.size, dim: idDim, seed: deriveSeed(seed, 'items') }),
    },
    content: encoder,
    query: parts.query ?? (content && buildQueryEncoder(content, options, catalogue)),
    history: parts.history ?? buildHistoryContent(options, encoder),
    network: parts.network ?? buildNetwork(options, catalogue, parts),
    contentId:
      parts.contentId ??
      (content !== undefined && cic.weight > 0
        ? new ContentIdContrast({ ...contrast, dim, idDim, seed: deriveSeed(seed, 'contentId') })
        : undefined),
  });
}
