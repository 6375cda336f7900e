import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** The longest path that a link can hold. */
const LONGEST_PATH = 4096;

/**
 * The real location of a file or folder. Where symbolic links are not possible, Git and some copying tools write a
 * small file with the target's path instead. Such a file is followed like a link.
 *
 * @returns the given path if it does not exist or is not such a file.
 */
export async function followLink(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > LONGEST_PATH) return file;
  const text = (await readFile(file, 'utf8')).trim();
  if (text === '' || text.includes('\n')) return file;
  const target = path.resolve(path.dirname(file), text);
  return (await stat(target).catch(() => undefined)) === undefined ? file : target;
}

/** Names in a data folder that may be links. */
const NAMES = ['movies.csv', 'ratings.csv', 'overviews.csv', 'tags.csv', 'posters'];

/** A warning for each table, and for `posters`, that is a link out of the data folder. Such links are followed too. */
export async function outsideLinks(folder: string): Promise<string[]> {
  const root = await realpath(folder);
  const warnings: string[] = [];
  for (const name of NAMES) {
    const real = await realpath(await followLink(path.join(folder, name))).catch(() => undefined);
    if (real === undefined || isInside(real, root)) continue;
    warnings.push(`${name} is a link to ${real}, outside the data folder`);
  }
  return warnings;
}

/** Whether a path is in a folder, or is the folder. Both must be real paths. */
export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
