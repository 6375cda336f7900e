import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readItems } from '@sifaka/data/tables';
import { removeUnfinished, writeWhole } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { parseMovieTitle } from './posters/movie-title.js';
import { POSTER_STYLE, type PosterOptions, renderPoster } from './posters/render-poster.js';

export interface PrepareEmbeddedDataOptions {
  /** Target folder, made if it does not exist. */
  readonly folder: string;
  /** Folder with MovieLens's files. Default: the ml-latest-small that the demo ships. */
  readonly source?: string | undefined;
  /** Called after each rendered poster. */
  readonly onProgress?: ((progress: PosterProgress) => void) | undefined;
  /** Stops between two posters; a later call continues from there. */
  readonly signal?: AbortSignal | undefined;
}

export interface PosterProgress {
  /** Posters that exist now. */
  readonly done: number;
  readonly total: number;
}

export interface EmbeddedData {
  readonly folder: string;
  readonly movies: number;
  readonly postersRendered: number;
  /** Posters of an earlier call. */
  readonly postersReused: number;
}

const EMBEDDED = fileURLToPath(new URL('../data/ml-latest-small', import.meta.url));
const FILES = ['README.txt', 'links.csv', 'movies.csv', 'ratings.csv', 'tags.csv'];
const NOTE = `The posters in this folder are rendered by Sifaka from each film's title, year and genres alone (no ratings, no tags).
They are not the films' real artwork. Lettering: Oswald, SIL Open Font License 1.1.
The other files are GroupLens's ml-latest-small as published; see README.txt for its licence and citation.
Renderer: ${POSTER_STYLE}
`;

/**
 * Makes a folder to train on from the embedded data set: the files of MovieLens ml-latest-small unchanged, and one
 * rendered poster per movie in `posters/MOVIE_ID.jpg`.
 *
 * It can be interrupted at any time and called again: no file is ever incomplete, and existing posters are kept.
 * Posters of another version of the renderer are removed first.
 *
 * @throws Error if `folder` holds posters that were not rendered here; the signal's reason if it is aborted.
 */
export async function prepareEmbeddedData({
  folder,
  source = EMBEDDED,
  onProgress,
  signal,
}: PrepareEmbeddedDataOptions): Promise<EmbeddedData> {
  signal?.throwIfAborted();
  const posters = path.join(folder, 'posters');
  await removeOutdated(folder, posters);
  await mkdir(folder, { recursive: true });
  // The note marks posters as rendered, and by which version, so it is written before them.
  await writeChanged(path.join(folder, 'RENDERED.txt'), Buffer.from(NOTE));
  await mkdir(posters, { recursive: true });
  for (const made of [folder, posters]) await removeUnfinished(made);
  for (const name of FILES) await writeChanged(path.join(folder, name), await readFile(path.join(source, name)));

  const movies = await readMovies(path.join(folder, 'movies.csv'));
  const present = new Set(await readdir(posters));
  const missing = movies.filter(({ id }) => !present.has(`${id}.jpg`));
  let done = movies.length - missing.length;
  await inParallel(missing, async ({ id, poster }) => {
    signal?.throwIfAborted();
    const image = await renderPoster(poster);
    await writeWhole(path.join(posters, `${id}.jpg`), image);
    done += 1;
    onProgress?.({ done, total: movies.length });
  });
  return {
    folder,
    movies: movies.length,
    postersRendered: missing.length,
    postersReused: movies.length - missing.length,
  };
}

interface Movie {
  readonly id: string;
  readonly poster: PosterOptions;
}

async function readMovies(file: string): Promise<readonly Movie[]> {
  const { ids, columns } = await readItems(file, { id: 'movieId', text: ['title', 'genres'] });
  return ids.map((id, i) => {
    const { name, year } = parseMovieTitle(columns.title[i] ?? '');
    return { id, poster: { title: name, year, genres: columns.genres[i]?.split('|') ?? [] } };
  });
}

async function removeOutdated(folder: string, posters: string): Promise<void> {
  const note = await readFile(path.join(folder, 'RENDERED.txt'), 'utf8').catch(() => undefined);
  if (note === NOTE) return;
  if (note === undefined && existsSync(posters)) {
    throw new Error(
      `prepareEmbeddedData: expected an empty folder or one prepared before, got ${posters} without RENDERED.txt`,
    );
  }
  await rm(posters, { recursive: true, force: true });
}

/** Writes a file unless it has this content: a prepared folder may be read-only. */
async function writeChanged(file: string, content: Uint8Array): Promise<void> {
  const present = await readFile(file).catch(() => undefined);
  if (present === undefined || !present.equals(content)) await writeWhole(file, content);
}

/** One thread per image and about one image per core: faster than all cores on each image, and needs little memory. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const cores = availableParallelism();
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  // All lanes share one generator: a lane that throws closes it, and the others stop after their current image.
  const queue = (function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  try {
    const lanes = await Promise.allSettled(Array.from({ length: cores + 1 }, lane));
    const failed = lanes.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    sharp.concurrency(threads);
  }
}
