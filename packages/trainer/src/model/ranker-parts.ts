import type { IdTables } from './batch-rows.js';
import type { ContentEncoder } from './content-encoder.js';
import type { ContentIdContrast } from './content-id-contrast.js';
import type { HistoryContent } from './history-content.js';
import type { QueryEncoder } from './query-encoder.js';
import type { RankingNetwork } from './ranking-network.js';

/** The modules of a {@link MultimodalRanker}, which disposes them. {@link buildRanker} makes them from options. */
export interface RankerParts {
  readonly tables: IdTables;
  /** Encodes items. An id-only model has neither this nor `query` and `history`. */
  readonly content?: ContentEncoder | undefined;
  readonly query?: QueryEncoder | undefined;
  /** Makes history vectors of the bank's rows. Without it, readers read the rows. */
  readonly history?: HistoryContent | undefined;
  readonly network: RankingNetwork;
  /** EM3's content-ID contrast. Used in training only. */
  readonly contentId?: ContentIdContrast | undefined;
}

/** The outside ids of the rows of the id tables, in their order, as far as they are known. */
export interface TrainedIds {
  readonly users?: readonly string[];
  readonly items?: readonly string[];
}
