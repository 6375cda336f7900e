import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach } from 'vitest';

export const MOVIES = 40;
export const USERS = 25;
export const RATINGS = 900;
/** Movies without a rating in the first 85 % of all ratings, so they are cold. */
const LATE_MOVIES = 4;
const GENRES = ['Comedy', 'Drama', 'Action|Thriller', '(no genres listed)'];

/** A folder in MovieLens's format that a test may damage. */
export interface TinyFolder {
  readonly folder: string;
  /** The path of a file in it. */
  file(...names: string[]): string;
  /** Changes a text file's lines. */
  edit(name: string, change: (lines: string[]) => string[]): Promise<void>;
  /** Writes `posters/ID.jpg`, with any content. */
  poster(id: number, content: Sharp | Uint8Array): Promise<void>;
}

export interface TinyWorld {
  /** Where a test runs the demo. */
  readonly workingFolder: string;
  /** The folder `data` in it. */
  readonly tiny: TinyFolder;
}

/** Makes new folders for each test of the calling file, and removes them afterwards. */
export function tinyFolders(): TinyWorld {
  const made = { workingFolder: '', tiny: undefined as unknown as TinyFolder };
  beforeEach(async () => {
    made.workingFolder = await mkdtemp(path.join(tmpdir(), 'sifaka-demo-'));
    made.tiny = await makeTinyFolder(path.join(made.workingFolder, 'data'));
  });
  afterEach(() => rm(made.workingFolder, { recursive: true }));
  return made;
}

async function makeTinyFolder(folder: string): Promise<TinyFolder> {
  const file = (...names: string[]) => path.join(folder, ...names);
  await mkdir(file('posters'), { recursive: true });
  await writeFile(file('movies.csv'), `${['movieId,title,genres', ...movieRows()].join('\r\n')}\r\n`);
  await writeFile(file('ratings.csv'), `${['userId,movieId,rating,timestamp', ...ratingRows()].join('\r\n')}\r\n`);
  const tiny: TinyFolder = {
    folder,
    file,
    async edit(name, change) {
      const lines = (await readFile(file(name), 'utf8')).trimEnd().split('\r\n');
      await writeFile(file(name), `${change(lines).join('\r\n')}\r\n`);
    },
    async poster(id, content) {
      await writeFile(file('posters', `${id}.jpg`), content instanceof Uint8Array ? content : await content.toBuffer());
    },
  };
  for (let id = 1; id <= MOVIES; id++) await tiny.poster(id, plainPicture(24, 36, isLiked(id)).jpeg());
  return tiny;
}

/** A picture of one colour: red for a movie that most users like. */
export function plainPicture(width: number, height: number, red: boolean): Sharp {
  const background = red ? { r: 200, g: 40, b: 40 } : { r: 40, g: 40, b: 200 };
  return sharp({ create: { width, height, channels: 3, background } });
}

function movieRows(): string[] {
  return Array.from({ length: MOVIES }, (_, i) => {
    const title = i % 5 === 0 ? `"Film ${i + 1}, The (${1970 + i})"` : `Film ${i + 1} (${1970 + i})`;
    return `${i + 1},${title},${GENRES[i % GENRES.length]}`;
  });
}

function ratingRows(): string[] {
  return Array.from({ length: RATINGS }, (_, k) => {
    const movies = k < 0.85 * RATINGS ? MOVIES - LATE_MOVIES : MOVIES;
    const movie = 1 + (scramble(k) % movies);
    const liked = isLiked(movie) !== (scramble(k + 7) % 5 === 0);
    return `${1 + (scramble(k + 3) % USERS)},${movie},${liked ? 4.5 : 2},${1_000_000_000 + 600 * k}`;
  });
}

function isLiked(movie: number): boolean {
  return movie % 2 === 0;
}

/** A number that looks random: the finaliser of MurmurHash3. */
function scramble(value: number): number {
  let bits = value + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
