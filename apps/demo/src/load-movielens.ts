import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { assembleDataset, type Dataset, shortHash, UsageError } from '@sifaka/cli';
import { assertNoLeakage, buildSamples, splitByTime, splitByUserTime } from '@sifaka/data';
import { readInteractions, readItems, TableError } from '@sifaka/data/tables';
import { buildCatalogue, type RawItem } from '@sifaka/trainer';
import { followLink } from './follow-link.js';
import { joinMovieLensQueries } from './join-movielens-queries.js';

export interface LoadMovieLensOptions {
  /** Holds `movies.csv`, `ratings.csv`, `posters/MOVIE_ID.jpg` and, optionally, `overviews.csv` and `tags.csv`. */
  readonly folder: string;
  /** Default `'globalTime'`. */
  readonly split?: 'globalTime' | 'userTime';
  /** Decoded posters are kept here between runs. */
  readonly cacheFolder: string;
  /** Called after each decoded poster. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the reading early. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a folder in MovieLens's format. Ratings become events (liked from 4 stars). Movies become items with poster,
 * title and text. Tags and titles stand for queries. The vocabulary comes from the movies in train; queries add nothing
 * to it.
 *
 * A table or cell that cannot be used is an error. Missing and broken posters, missing texts, repeated rows and ratings
 * of unlisted movies are counted in the report.
 *
 * @throws UsageError if there is no such folder; TableError naming file, line or column; the signal's reason if it is
 *   aborted.
 */
export async function loadMovieLens(options: LoadMovieLensOptions): Promise<Dataset> {
  const { folder, cacheFolder, onProgress, signal } = options;
  await assertFolder(folder);
  const movies = await readItems(path.join(folder, 'movies.csv'), { id: 'movieId', text: ['title', 'genres'] });
  const overviews = await readOverviews(await followLink(path.join(folder, 'overviews.csv')));
  const posters = await followLink(path.join(folder, 'posters'));
  const { interactions, counts } = await readInteractions(path.join(folder, 'ratings.csv'), {
    columns: { item: 'movieId' },
    itemIds: movies.ids,
  });
  signal?.throwIfAborted();
  const titles = interactions.itemIds.map((_, i) => movies.columns.title[i]);
  const bare = buildSamples(interactions, { positive: (rating) => rating >= 4 });
  const { samples, report: queries } = await joinMovieLensQueries(bare, interactions, titles, folder);
  const split = options.split === 'userTime' ? splitByUserTime(samples) : splitByTime(samples);
  assertNoLeakage(samples, split);

  const items = interactions.itemIds.map((id, i): RawItem => {
    const genres = movies.columns.genres[i]?.replaceAll('|', ' ').replace('(no genres listed)', '');
    return {
      title: titles[i],
      text: [genres, overviews.get(id)].filter(Boolean).join(' '),
      image: path.join(posters, `${id}.jpg`),
    };
  });
  const trained = Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample]!)));
  if (!trained.some((item) => items[item]!.title?.trim() || items[item]!.text?.trim())) {
    const problem = 'expected a title, genres or an overview of at least one movie in train, got none';
    throw new TableError('loadMovieLens', path.join(folder, 'movies.csv'), problem);
  }
  const built = await buildCatalogue(items, {
    vocabularyItems: trained,
    queries: samples.queries,
    documentLength: overviews.size > 0 ? 40 : 16,
    imageCacheFile: path.join(cacheFolder, `posters-${shortHash(path.resolve(folder))}.bin`),
    onProgress: (done, total) => {
      signal?.throwIfAborted(); // An error here ends the decoding.
      onProgress?.(done, total);
    },
  });
  signal?.throwIfAborted();
  return assembleDataset({
    samples,
    split,
    built,
    counts: {
      duplicateRows: counts.duplicates,
      unknownItemEvents: counts.unknownItems,
      duplicateItems: movies.counts.duplicates,
    },
    queries,
    warnings: existsSync(posters) ? [] : ['there is no posters folder, so no movie has a poster'],
  });
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw new UsageError(`--data: expected a folder, found nothing at ${folder}`);
  if (!found.isDirectory()) throw new UsageError(`--data: expected a folder, got the file ${folder}`);
}

/** Overviews are optional: MovieLens itself has none. */
async function readOverviews(file: string): Promise<Map<string, string>> {
  if (!existsSync(file)) return new Map();
  const table = await readItems(file, { id: 'movieId', text: ['overview'] });
  return new Map(
    table.ids.flatMap((id, i) => (table.columns.overview[i] ? [[id, table.columns.overview[i]] as const] : [])),
  );
}
