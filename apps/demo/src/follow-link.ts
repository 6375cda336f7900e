import { readFile, stat } from 'node:fs/promises';
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
