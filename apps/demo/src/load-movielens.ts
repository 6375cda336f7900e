import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { assembleDataset, type Dataset, UsageError } from '@sifaka/cli';
import {
  assertNoLeakage,
  type ExcludedItems,
  type HistoryAsOf,
  type Samples,
  type Split,
  splitByTime,
  splitByUserTime,
} from '@sifaka/data';
import {
  type InteractionTable,
  type InteractionTableOptions,
  readInteractions,
  readItems,
  TableError,
} from '@sifaka/data/tables';
import type { DownloadProgress } from '@sifaka/encoders/node';
import type { RawItem, ReportQueries } from '@sifaka/trainer';
import { buildWithCache } from './build-with-cache.js';
import { findPosters } from './find-posters.js';
import { followLink, outsideLinks } from './follow-link.js';
import { joinMovieLensQueries } from './join-movielens-queries.js';
import { movieAttributes } from './movie-attributes.js';
import { samplesOf, type Task } from './movielens-task.js';
import { openPublished } from './open-published.js';
import type { ContentEncoders } from './read-encoders.js';

const UNTIMED =
  'ratings.csv has no column timestamp: its rows count as the order in time, histories end at the event, and there ' +
  'are no visits and no queries from tags';

export interface LoadMovieLensOptions {
  /**
   * Holds `movies.csv`, `ratings.csv`, `posters/MOVIE_ID.jpg` and, optionally, `overviews.csv` and `tags.csv`. Each of
   * them may be a link to anywhere, with a warning if it leads outside the folder.
   */
  readonly folder: string;
  /**
   * How samples are split by time; a function for a split of your own. It is checked for leakage like the others.
   * Default `'globalTime'`.
   */
  readonly split?: 'globalTime' | 'userTime' | ((samples: Samples) => Split);
  /** What the labels mean. Default `'liked'`. */
  readonly task?: Task;
  /**
   * Which movies of a user are never drawn as negatives of the task `'watched'`: those that the user rated at any time
   * (`'ever'`), or up to the end of the visit (`'soFar'`). Default `'ever'`.
   */
  readonly negatives?: ExcludedItems;
  /**
   * Where histories end. Default `'visit'`: people enter the ratings of a visit long after they saw the movies. If
   * ratings.csv has no times, `'event'`, with a warning.
   */
  readonly historyAsOf?: HistoryAsOf | undefined;
  /** Published encoders, for which posters and texts are read. Default: none. */
  readonly encoders?: ContentEncoders;
  /** Most tokens of title and text, without special tokens at the ends. Default 40 with overviews, 16 without. */
  readonly documentLength?: number | undefined;
  /** Keeps decoded posters between runs. If it cannot be used, they are decoded each time, with a warning. */
  readonly cacheFolder: string;
  /** Called after each decoded poster. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called while a published encoder is downloaded. */
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Stops the reading early. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a folder in MovieLens's format. Ratings become events, liked or not by the task. Movies become items with
 * poster, title and text. Tags and titles stand for queries. The vocabulary comes from the movies in train; queries add
 * nothing to it.
 *
 * A table or cell that cannot be used is an error. Missing and broken posters, missing texts, repeated rows and ratings
 * of unlisted movies are counted in the report.
 *
 * Ratings without times are taken in the order of the file. Visits and tags need times, and are left out.
 *
 * @throws UsageError if there is no such folder, visits are asked for without times, or a published encoder does not
 *   fit; PretrainedError if one cannot be opened; TableError naming file, line or column; LabelError if all ratings in
 *   train are liked, or none; the signal's reason if it is aborted.
 */
export async function loadMovieLens(options: LoadMovieLensOptions): Promise<Dataset> {
  const { folder, signal, task = 'liked', negatives: excluded = 'ever' } = options;
  await assertFolder(folder);
  const published = await openPublished(options);
  const movies = await readItems(path.join(folder, 'movies.csv'), { id: 'movieId', text: ['title', 'genres'] });
  const overviews = await readOverviews(await followLink(path.join(folder, 'overviews.csv')), movies.ids);
  const ratings = path.join(folder, 'ratings.csv');
  const { interactions, counts } = await readRatings(ratings, movies.ids);
  const { untimed = false } = interactions;
  const { historyAsOf = untimed ? 'event' : 'visit' } = options;
  if (untimed && historyAsOf === 'visit') {
    throw new UsageError('--history-as-of: expected event, because ratings.csv has no column timestamp, got visit');
  }
  const idWarnings = compareIds(ratings, counts, interactions.itemIds, movies.ids);
  signal?.throwIfAborted();
  const titles = interactions.itemIds.map((_, i) => movies.columns.title[i]);
  const { samples: bare, negatives } = samplesOf(interactions, { task, historyAsOf, excluded });
  const { samples, report: queries } = await joinMovieLensQueries(bare, interactions, titles, folder);
  const split = splitSamples(samples, options.split ?? 'globalTime');
  assertNoLeakage(samples, split);

  const posterFolder = await followLink(path.join(folder, 'posters'));
  const posters = await findPosters(posterFolder, interactions.itemIds, [folder]);
  const items = interactions.itemIds.map((id, i): RawItem => {
    const genres = movies.columns.genres[i]?.replaceAll('|', ' ').replace('(no genres listed)', '');
    return {
      title: titles[i],
      text: [genres, overviews.texts.get(id)].filter(Boolean).join(' '),
      image: posters.files.get(id),
    };
  });
  const trained = Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample]!)));
  if (!trained.some((item) => items[item]!.title?.trim() || items[item]!.text?.trim())) {
    const problem = 'expected a title, genres or an overview of at least one movie in train, got none';
    throw new TableError('loadMovieLens', path.join(folder, 'movies.csv'), problem);
  }
  const attributes = movieAttributes(
    interactions.itemIds.map((id, i) => {
      return { title: titles[i], genres: movies.columns.genres[i], overview: overviews.texts.get(id) };
    }),
  );
  const { built, warnings: cacheWarnings } = await buildWithCache(items, options, {
    vocabularyItems: trained,
    itemIds: interactions.itemIds,
    queries: samples.queries,
    categories: attributes.categories[0]!.ofItem, // Genres, for the hard search of SIM.
    documentLength: options.documentLength ?? (overviews.texts.size > 0 ? 40 : 16),
    ...published.inputs,
  });
  signal?.throwIfAborted();
  return assembleDataset({
    samples,
    split,
    built,
    ...published.parts,
    attributes,
    task,
    ...(negatives && { negatives }),
    counts: {
      duplicateRows: counts.duplicates,
      unknownItemEvents: counts.unknownItems,
      duplicateItems: movies.counts.duplicates,
    },
    queries,
    warnings: [
      ...(existsSync(posterFolder) ? [] : ['there is no posters folder, so no movie has a poster']),
      ...(untimed ? [UNTIMED] : []),
      ...idWarnings,
      ...overviews.warnings,
      ...compareTagUsers(queries),
      ...posters.warnings,
      ...(await outsideLinks(folder)),
      ...cacheWarnings,
    ],
  });
}

function splitSamples(samples: Samples, split: NonNullable<LoadMovieLensOptions['split']>): Split {
  if (typeof split === 'function') return split(samples);
  return split === 'userTime' ? splitByUserTime(samples) : splitByTime(samples);
}

const UNTIMED_COLUMNS = ['movieId', 'rating', 'userId'];

/**
 * A table of users, movies and ratings alone is read as untimed. With other columns, one of them may be a `timestamp` by
 * another name, so that is an error.
 */
function readRatings(file: string, itemIds: readonly string[]): Promise<InteractionTable> {
  const read = (columns: NonNullable<InteractionTableOptions['columns']> = {}) =>
    readInteractions(file, { columns: { item: 'movieId', ...columns }, itemIds });
  return read().catch((error: unknown) => {
    const columns = TableError.isInstance(error) ? [...(error.columns ?? [])].sort() : [];
    if (columns.join() !== UNTIMED_COLUMNS.join()) throw error;
    return read({ timestamp: null });
  });
}

/**
 * Compares the movie ids of ratings with those of movies.csv, after its own.
 *
 * @returns a warning if most ratings are of unlisted movies.
 * @throws TableError if all are.
 */
function compareIds(
  file: string,
  {
    rows,
    duplicates,
    unknownItems,
  }: { readonly rows: number; readonly duplicates: number; readonly unknownItems: number },
  itemIds: readonly string[],
  movieIds: readonly string[],
): string[] {
  const events = rows - duplicates;
  const ids = exampleIds(itemIds.at(-1), movieIds[0]);
  if (unknownItems === events) {
    throw new TableError('loadMovieLens', file, `expected movieIds that movies.csv lists, got none of them: ${ids}`);
  }
  if (unknownItems <= events / 2) return [];
  return [`ratings.csv: ${unknownItems} of ${events} ratings are of movies that movies.csv does not list; ${ids}`];
}

/** How the ids of another table look next to those of movies.csv. */
function exampleIds(there: string | undefined, listed: string | undefined): string {
  return `ids look like ${JSON.stringify(there)} there, like ${JSON.stringify(listed)} in movies.csv`;
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw new UsageError(`--data: expected a folder, found nothing at ${folder}`);
  if (!found.isDirectory()) throw new UsageError(`--data: expected a folder, got the file ${folder}`);
}

/** @returns a warning if most tags are of users without ratings, whose ids may be of another kind. */
function compareTagUsers({ log }: ReportQueries): string[] {
  if (log === undefined || log.unknownUsers <= log.rows / 2) return [];
  return [`tags.csv: ${log.unknownUsers} of ${log.rows} tags are of users without ratings`];
}

/** Overviews are optional: MovieLens itself has none. Rows of unlisted movies are left out, with a warning. */
async function readOverviews(
  file: string,
  movieIds: readonly string[],
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly warnings: readonly string[] }> {
  if (!existsSync(file)) return { texts: new Map(), warnings: [] };
  const table = await readItems(file, { id: 'movieId', text: ['overview'] });
  const listed = new Set(movieIds);
  const texts = new Map<string, string>();
  const unlisted: string[] = [];
  for (const [i, id] of table.ids.entries()) {
    const text = table.columns.overview[i];
    if (!listed.has(id)) unlisted.push(id);
    else if (text) texts.set(id, text);
  }
  if (unlisted.length === 0) return { texts, warnings: [] };
  const ids = exampleIds(unlisted[0], movieIds[0]);
  const count = `overviews.csv: ${unlisted.length} of ${table.ids.length} overviews`;
  return { texts, warnings: [`${count} are of movies that movies.csv does not list; ${ids}`] };
}
