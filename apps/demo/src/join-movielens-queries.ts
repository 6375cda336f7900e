import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  assertNoQueryLeakage,
  type Interactions,
  joinQueries,
  type QueryLog,
  recentTexts,
  type Samples,
} from '@sifaka/data';
import { type QueryTable, readQueryLog } from '@sifaka/data/tables';
import type { ReportQueries } from '@sifaka/trainer';

export interface MovieLensQueries {
  /** With `queryIds` and `queries`. */
  readonly samples: Samples;
  readonly report: ReportQueries;
}

const NO_LOG: QueryLog = {
  length: 0,
  users: new Int32Array(0),
  items: new Int32Array(0),
  texts: [],
  timestamps: new Float64Array(0),
};

/**
 * Gives MovieLens queries, which it lacks. A tag that the user typed in the day before the rating stands for one, if
 * the folder has `tags.csv` and ratings have times. Otherwise it is the title that the user had liked last when the
 * session began. A user's first session has none.
 *
 * Each typed tag and each user's title has its own query id. The same words of two users are two queries, like two
 * searches, so knowing which user rates generously does not raise QAUC.
 *
 * @param titles by item id
 * @throws TableError naming file, line or column of tags.csv; LeakageError if a query is from the future.
 */
export async function joinMovieLensQueries(
  bare: Samples,
  { userIds, itemIds, untimed = false }: Interactions,
  titles: readonly (string | undefined)[],
  folder: string,
): Promise<MovieLensQueries> {
  const file = path.join(folder, 'tags.csv');
  const read: QueryTable | undefined =
    existsSync(file) && !untimed
      ? await readQueryLog(file, { userIds, itemIds, columns: { item: 'movieId', text: 'tag' } })
      : undefined;
  const log = read?.log ?? NO_LOG;
  const fallback = recentTexts(bare, titles, { at: 'session' });
  const { samples, counts } = joinQueries(bare, log, { identity: 'entry', fallback });
  assertNoQueryLeakage(samples, log, { fallback });
  const title = 'the title that the user had liked last when the session began';
  return {
    samples,
    report: {
      meaning: read === undefined ? title : `a tag that the user typed in the day before, otherwise ${title}`,
      distinct: samples.queries.length,
      typed: counts.fromLog,
      standIns: counts.fromFallback,
      none: counts.without,
      ...(read && { log: read.counts }),
    },
  };
}
