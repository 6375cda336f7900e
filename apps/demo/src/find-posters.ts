import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from './follow-link.js';

/** Endings of the pictures that are read, in order of preference, in any case. */
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff'];

export interface FoundPosters {
  /** Paths of the posters by movie id. */
  readonly files: ReadonlyMap<string, string>;
  /** What a user should know, in words: files that belong to no movie, links that lead outside. */
  readonly warnings: readonly string[];
}

interface Picture {
  readonly file: string;
  /** Its position in {@link ENDINGS}. */
  readonly ending: number;
  /** Number of folders between it and `posters`. */
  readonly depth: number;
}

/**
 * Finds each movie's poster in a folder and its sub-folders: the file `MOVIE_ID.jpg`, or one with another usual ending.
 * The one nearest to the top is taken, then that with the first of {@link ENDINGS}. Only files of the folder are found,
 * so an id like `../photo` has no poster. Links are followed to files inside the given `roots` only.
 *
 * @param folder if it does not exist, no movie has a poster
 * @param roots folders that the user named
 */
export async function findPosters(
  folder: string,
  ids: readonly string[],
  roots: readonly string[],
): Promise<FoundPosters> {
  const inside = await insideOf([folder, ...roots]);
  const wanted = new Set(ids);
  const found = new Map<string, Picture>();
  let [unmatched, surplus, outside, pictures] = [0, 0, 0, 0];
  let example = '';
  for await (const { file, link, depth } of walk(folder, '', 0)) {
    const ending = ENDINGS.indexOf(path.extname(file).toLowerCase());
    const id = ending < 0 ? path.basename(file) : path.basename(file).slice(0, -ENDINGS[ending]!.length);
    if (ending < 0 || !wanted.has(id)) {
      unmatched++;
      example ||= path.relative(folder, file);
      continue;
    }
    if (link && !(await inside(file))) {
      outside++;
      continue;
    }
    pictures++;
    const picture = { file, ending, depth };
    const other = found.get(id);
    if (other !== undefined) surplus++;
    if (other === undefined || isBetter(picture, other)) found.set(id, picture);
  }
  const unusable = ids.filter((id) => /[/\\\0]/.test(id));
  const warnings = [
    ...(unusable.length > 0
      ? [`movie ids that cannot be the name of a file, so have no poster: ${unusable.length}, such as ${unusable[0]}`]
      : []),
    ...(pictures === 0 && unmatched > 0 ? [`no file in posters belongs to a movie; expected MOVIE_ID.jpg`] : []),
    ...(unmatched > 0 ? [`files in posters that belong to no movie: ${unmatched}, such as ${example}`] : []),
    ...(surplus > 0 ? [`files in posters of a movie that has another one: ${surplus}, not read`] : []),
    ...(outside > 0 ? [`links in posters that lead outside the data folder: ${outside}, not followed`] : []),
  ];
  return { files: new Map(Array.from(found, ([id, { file }]) => [id, file])), warnings };
}

function isBetter(one: Picture, other: Picture): boolean {
  if (one.depth !== other.depth) return one.depth < other.depth;
  return one.ending < other.ending;
}

/** Every file in name order, without hidden ones. A folder named like a picture is listed, not entered. */
async function* walk(
  folder: string,
  below: string,
  depth: number,
): AsyncGenerator<{ readonly file: string; readonly link: boolean; readonly depth: number }> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'Thumbs.db') continue;
    const name = path.join(below, entry.name);
    const isPicture = ENDINGS.includes(path.extname(name).toLowerCase());
    if (entry.isDirectory() && !isPicture) yield* walk(folder, name, depth + 1);
    else yield { file: path.join(folder, name), link: entry.isSymbolicLink(), depth };
  }
}

/** Tells whether a file really is in one of some folders. A link without a target counts as inside: it is missing. */
async function insideOf(folders: readonly string[]): Promise<(file: string) => Promise<boolean>> {
  const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return async (file) => {
    const real = await realpath(file).catch(() => undefined);
    if (real === undefined) return true;
    return roots.some((root) => isInside(real, root));
  };
}
