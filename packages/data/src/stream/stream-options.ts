import type { ItemAttributes } from '../attributes/item-attributes.js';
import { assertHistoryOptions, type NamedHistories } from '../history/history-options.js';
import { quoted } from '../rows/quoted.js';
import { assertHistoryAsOf, type HistoryAsOf } from '../samples/history-as-of.js';
import { assertSessionGap } from '../samples/session-gap.js';
import type { StreamEvent } from './stream-event.js';

export interface SampleStreamOptions {
  /** Samples in a full batch. */
  readonly batchSize: number;
  /** The histories of `batch.histories`, by name. Default: none. */
  readonly histories?: NamedHistories;
  /**
   * Fills `batch.statistics` with the statistics of {@link gatherStatistics} for these attributes, whose items are the
   * first `itemIds`. Default: none.
   */
  readonly statistics?: { readonly attributes: ItemAttributes };
  /** Which ratings count as liked. Default `rating >= 4`. */
  readonly positive?: (rating: number) => boolean;
  /** The longest pause within a session, in seconds. Default 1800. */
  readonly sessionGapSeconds?: number;
  /**
   * Where histories end, as in {@link buildSamples}. `'visit'`: where the event's visit began; the events of a visit
   * are kept for the next ones, and `batch.timestamps` are the beginnings of visits. Default `'event'`.
   */
  readonly historyAsOf?: HistoryAsOf;
  /** The first users: `userIds[i]` gets dense id `i`. New ones follow. Default: none. */
  readonly userIds?: readonly string[];
  /** The first items, as for users. Default: none. */
  readonly itemIds?: readonly string[];
  /** The first queries, normalized, as for users. Default: none. */
  readonly queries?: readonly string[];
  /** Maximum number of users. Events of a new user beyond it are left out and counted. Default: no bound. */
  readonly maxUserIds?: number;
  /** Maximum number of items. Events of a new item beyond it are left out and counted. Default: no bound. */
  readonly maxItemIds?: number;
  /** Maximum number of queries. An event with a new query beyond it has no query, and is counted. Default: no bound. */
  readonly maxQueries?: number;
  /**
   * Maximum number of users whose histories are kept. Beyond it the least recently active user is forgotten and
   * counted. For histories that reach back n events, a user takes at most 96·n bytes for each kind of events. Default
   * 100,000.
   */
  readonly maxUsers?: number;
  /**
   * `'history'`: a late event enters its user's histories and visits. `'drop'`: it is only counted. Default
   * `'history'`.
   */
  readonly late?: 'history' | 'drop';
  /** Called with each late event and the latest timestamp in a batch so far. */
  readonly onLate?: (event: StreamEvent, streamTime: number) => void;
}

export interface StreamBatchesOptions {
  /** Maximum time in milliseconds that an event waits for its batch to fill. Default: no limit. */
  readonly maxWaitMs?: number;
  /** Ends the batches. Waiting events stay in the stream and in `SampleStream.state`. */
  readonly signal?: AbortSignal;
}

export interface CurrentHistoriesOptions {
  /**
   * When the request is made, in Unix seconds; events from then on are left out. A service passes `Date.now() / 1000`.
   * Default: just after the newest event that the stream has received, so that a replay of old events behaves as it did
   * live.
   */
  readonly time?: number;
}

/** @throws RangeError naming an option that is out of its range. */
export function assertStreamOptions(options: SampleStreamOptions): void {
  const { batchSize, maxUsers, maxUserIds, maxItemIds, maxQueries, sessionGapSeconds, late = 'history' } = options;
  assertHistoryAsOf('SampleStream', options.historyAsOf ?? 'event');
  for (const [name, size] of Object.entries({ batchSize, maxUsers })) {
    if (!Number.isSafeInteger(size) || size! < 1) {
      throw new RangeError(`SampleStream: expected ${name} to be a whole number from 1, got ${quoted(size)}`);
    }
  }
  for (const [name, bound] of Object.entries({ maxUserIds, maxItemIds, maxQueries })) {
    if (bound !== undefined && bound !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(bound) && bound >= 0)) {
      throw new RangeError(`SampleStream: expected ${name} to be a whole number from 0, got ${quoted(bound)}`);
    }
  }
  assertSessionGap('SampleStream', sessionGapSeconds);
  if (late !== 'history' && late !== 'drop') {
    throw new RangeError(`SampleStream: expected late to be history or drop, got ${quoted(late)}`);
  }
  assertHistoryOptions('SampleStream', options.histories ?? {});
}
