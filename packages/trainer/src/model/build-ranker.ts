import type { FrozenPrefixCacheOptions } from '@sifaka/encoders';
import { deriveSeed, EmbeddingTable } from '@sifaka/nn';
import type { Catalogue } from '../catalogue/catalogue.js';
import { allOrNothing } from './all-or-nothing.js';
import { buildContentEncoder, buildQueryEncoder } from './build-content.js';
import { buildNetwork, type RankingParts } from './build-network.js';
import { checkOptions } from './check-options.js';
import { ContentIdContrast } from './content-id-contrast.js';
import { buildHistoryContent } from './history-content.js';
import { MultimodalRanker } from './multimodal-ranker.js';
import type { RankerOptions } from './options.js';
import { assertEncoders, type LoadedEncoders } from './published-encoders.js';
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
   * The published encoders that the options name, with their weights: what `load` of `openEncoders` returns. Each model
   * needs its own. The model disposes them, and this function does if it throws. Default `{}`.
   */
  readonly encoders?: LoadedEncoders;
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
 * @throws RangeError if an option is unknown or impossible, the catalogue lacks the queries or categories that the
 *   options need, or `encoders` are not those that the options name, or the catalogue was not built for them. What it
 *   has made by then is disposed, and so are `encoders`; `parts` that were given stay with the caller.
 */
export function buildRanker(options: RankerOptions, given: BuildRankerOptions): MultimodalRanker {
  try {
    return allOrNothing(() => assemble(options, given));
  } catch (error) {
    given.encoders?.image?.encoder.dispose();
    given.encoders?.text?.encoder.dispose();
    throw error;
  }
}

function assemble(
  unchecked: RankerOptions,
  { catalogue, numUsers, parts = {}, encoders = {}, frozenPrefixes = {} }: BuildRankerOptions,
): MultimodalRanker {
  const options = checkOptions('buildRanker', unchecked);
  assertCatalogueQueries('buildRanker', catalogue, options.content);
  if (parts.network === undefined) assertCategories('buildRanker', catalogue, sequencesOf(options));
  const { content, dim, idDim, cic, seed } = options;
  const { weight: _, ...contrast } = cic;
  assertEncoders('buildRanker', encoders, parts.content === undefined ? content : undefined, catalogue);
  const sources = { catalogue, encoders, cache: frozenPrefixes };
  const encoder = parts.content ?? (content && buildContentEncoder(content, options, sources));
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
