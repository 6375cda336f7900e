import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  assertNoLeakage,
  buildSamples,
  coldItems,
  readInteractions,
  readItems,
  type Samples,
  type Split,
  splitByTime,
  splitByUserTime,
} from '@sifaka/data';
import { type BuiltCatalogue, buildCatalogue, type RawItem, type ReportData } from '@sifaka/trainer';

export interface LoadMovieLensOptions {
  /** Holds `movies.csv`, `ratings.csv`, `posters/MOVIE_ID.jpg`, and, if there are any, `overviews.csv`. */
  readonly folder: string;
  /** Default `'globalTime'`. */
  readonly split?: 'globalTime' | 'userTime';
  /** Decoded posters are kept here between runs. */
  readonly cacheFolder: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface MovieLens {
  readonly samples: Samples;
  readonly split: Split;
  readonly cold: Uint8Array;
  readonly catalogue: BuiltCatalogue['catalogue'];
  /** Names the data and the split, for checkpoints. */
  readonly fingerprint: string;
  readonly report: ReportData;
}

/** Reads a folder of MovieLens's shape: ratings become events (liked from 4 stars), movies become items with poster, title and text. */
export async function loadMovieLens(options: LoadMovieLensOptions): Promise<MovieLens> {
  const { folder } = options;
  await assertFolder(folder);
  const movies = await readItems(path.join(folder, 'movies.csv'), { id: 'movieId', text: ['title', 'genres'] });
  const overviews = await readOverviews(path.join(folder, 'overviews.csv'));
  const { interactions, counts } = await readInteractions(path.join(folder, 'ratings.csv'), {
    columns: { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' },
    itemIds: movies.ids,
  });
  const samples = buildSamples(interactions, { positive: (rating) => rating >= 4 });
  const split = options.split === 'userTime' ? splitByUserTime(samples) : splitByTime(samples);
  if (split.kind === 'globalTime') assertNoLeakage(samples, split);

  const items = interactions.itemIds.map((id, i): RawItem => {
    const genres = movies.columns.genres[i]?.replaceAll('|', ' ').replace('(no genres listed)', '');
    const image = path.join(folder, 'posters', `${id}.jpg`);
    return {
      title: movies.columns.title[i],
      text: [genres, overviews.get(id)].filter(Boolean).join(' '),
      image: existsSync(image) ? image : undefined,
    };
  });
  const built = await buildCatalogue(items, {
    vocabularyItems: Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample]!))),
    documentLength: overviews.size > 0 ? 48 : 24,
    imageCacheFile: path.join(options.cacheFolder, `posters-${hash(path.resolve(folder))}.bin`),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const cold = coldItems(samples, split);
  return {
    samples,
    split,
    cold,
    catalogue: built.catalogue,
    fingerprint: hash(
      [split.kind, ...fingerprintParts(samples), built.tokenizer.toJSON(), imageHash(built)].join('\n'),
    ),
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
    },
  };
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw new Error(`--data ${folder}: expected a folder, found nothing there`);
  if (!found.isDirectory()) throw new Error(`--data ${folder}: expected a folder, found a file`);
}

/** Overviews are optional: MovieLens itself has none. */
async function readOverviews(file: string): Promise<Map<string, string>> {
  if (!existsSync(file)) return new Map();
  const table = await readItems(file, { id: 'movieId', text: ['overview'] });
  return new Map(
    table.ids.flatMap((id, i) => (table.columns.overview[i] ? [[id, table.columns.overview[i]] as const] : [])),
  );
}

function fingerprintParts(samples: Samples): string[] {
  const { users, items, labels, timestamps } = samples;
  return [users, items, labels, timestamps].map((column) =>
    hash(Buffer.from(column.buffer, column.byteOffset, column.byteLength)),
  );
}

function imageHash({ catalogue }: BuiltCatalogue): string {
  return hash(catalogue.images.pixels);
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
