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
 * Gives MovieLens what it lacks: queries. A tag that the user typed in the day before the rating stands for one, where the folder has
 * `tags.csv`; else the title that they had liked last when the session began; a first session has none.
 *
 * An id is one tag typed, or one user's title: equal words of two users are two queries, as two searches are, so no QAUC is won by knowing
 * which user is generous.
 *
 * @param titles by dense item id
 * @throws TableError naming file, line or column of tags.csv; LeakageError if a query were of the future.
 */
export async function joinMovieLensQueries(
  bare: Samples,
  { userIds, itemIds }: Interactions,
  titles: readonly (string | undefined)[],
  folder: string,
): Promise<MovieLensQueries> {
  const file = path.join(folder, 'tags.csv');
  const read: QueryTable | undefined = existsSync(file)
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
      meaning: read === undefined ? title : `a tag that the user typed in the day before, else ${title}`,
      distinct: samples.queries.length,
      typed: counts.fromLog,
      standIns: counts.fromFallback,
      none: counts.without,
      ...(read && { log: read.counts }),
    },
  };
}
