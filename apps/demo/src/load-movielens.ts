import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  assertNoLeakage,
  buildSamples,
  coldItems,
  type Samples,
  type Split,
  splitByTime,
  splitByUserTime,
} from '@sifaka/data';
import { readInteractions, readItems, TableError } from '@sifaka/data/tables';
import { type BuiltCatalogue, buildCatalogue, type RawItem, type ReportData } from '@sifaka/trainer';
import { followLink } from './follow-link.js';
import { joinMovieLensQueries } from './join-movielens-queries.js';
import { UsageError } from './usage-error.js';

export interface LoadMovieLensOptions {
  /** Holds `movies.csv`, `ratings.csv`, `posters/MOVIE_ID.jpg`, and, if there are any, `overviews.csv` and `tags.csv`. */
  readonly folder: string;
  /** Default `'globalTime'`. */
  readonly split?: 'globalTime' | 'userTime';
  /** Decoded posters are kept here between runs. */
  readonly cacheFolder: string;
  /** Called after each poster that was decoded. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the reading early. */
  readonly signal?: AbortSignal;
}

/** What a report says of the data, and what only this folder's shape has. */
export interface MovieLens {
  /** With what stands for queries; see {@link joinMovieLensQueries}. */
  readonly samples: Samples;
  readonly split: Split;
  readonly cold: Uint8Array;
  readonly catalogue: BuiltCatalogue['catalogue'];
  readonly report: ReportData;
  /** What a reader of the figures should know. */
  readonly warnings: readonly string[];
}

/**
 * Reads a folder of MovieLens's shape: ratings become events (liked from 4 stars), movies become items with poster, title and text, tags and
 * titles stand for queries. The vocabulary is of the movies that are trained on, whatever was typed.
 *
 * A table or cell that cannot be used is an error; a missing or broken poster, a missing text, a repeated row and a rating of an unlisted
 * movie are counted in the report.
 *
 * @throws UsageError if there is no such folder; TableError naming file, line or column; the signal's reason if it is aborted.
 */
export async function loadMovieLens(options: LoadMovieLensOptions): Promise<MovieLens> {
  const { folder, cacheFolder, onProgress, signal } = options;
  await assertFolder(folder);
  const movies = await readItems(path.join(folder, 'movies.csv'), { id: 'movieId', text: ['title', 'genres'] });
  const overviews = await readOverviews(await followLink(path.join(folder, 'overviews.csv')));
  const posters = await followLink(path.join(folder, 'posters'));
  const { interactions, counts } = await readInteractions(path.join(folder, 'ratings.csv'), {
    columns: { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' },
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
    const problem = 'expected a title, genres or an overview of at least one movie that is trained on, got none';
    throw new TableError('loadMovieLens', path.join(folder, 'movies.csv'), problem);
  }
  const built = await buildCatalogue(items, {
    vocabularyItems: trained,
    queries: samples.queries,
    documentLength: overviews.size > 0 ? 40 : 16,
    imageCacheFile: path.join(cacheFolder, `posters-${hash(path.resolve(folder))}.bin`),
    onProgress: (done, total) => {
      signal?.throwIfAborted(); // What throws here ends the decoding.
      onProgress?.(done, total);
    },
  });
  signal?.throwIfAborted();
  const cold = coldItems(samples, split);
  return {
    samples,
    split,
    cold,
    catalogue: built.catalogue,
    report: {
      events: samples.length,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      users: samples.numUsers,
      items: samples.numItems,
      coldItems: cold.reduce((total, isCold) => total + isCold, 0),
      split: { kind: split.kind, leakage: split.leakage, warnings: split.warnings },
      images: built.counts.images,
      brokenImages: built.brokenImages.slice(0, 20).map(({ file, reason }) => ({ file: path.basename(file), reason })),
      texts: built.counts.texts,
      duplicateRows: counts.duplicates,
      unknownItemEvents: counts.unknownItems,
      duplicateItems: movies.counts.duplicates,
      queries,
      fingerprint: fingerprint(samples, split, built),
    },
    warnings: [
      ...split.warnings,
      ...(existsSync(posters) ? [] : ['there is no folder posters, so no movie has a poster']),
    ],
  };
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

function fingerprint(samples: Samples, split: Split, { catalogue, tokenizer }: BuiltCatalogue): string {
  const { users, items, labels, timestamps, queryIds, queries } = samples;
  const { images, documents, titles } = catalogue;
  const columns = [users, items, labels, timestamps, queryIds, images.pixels, documents.ids, titles.ids];
  const hashes = columns.map((column) => hash(Buffer.from(column.buffer, column.byteOffset, column.byteLength)));
  return hash([split.kind, ...hashes, JSON.stringify(queries), tokenizer.toJSON()].join('\n'));
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
