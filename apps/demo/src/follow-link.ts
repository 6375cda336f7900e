import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** No path of a link is longer. */
const LONGEST_PATH = 4096;

/**
 * Where a file or folder really is. Git, and some ways of copying, put a small file that holds the target's path where a symbolic link stood
 * and there can be none; such a file is followed as the link would be.
 *
 * @returns the path itself where there is nothing, or no such file.
 */
export async function followLink(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > LONGEST_PATH) return file;
  const text = (await readFile(file, 'utf8')).trim();
  if (text === '' || text.includes('\n')) return file;
  const target = path.resolve(path.dirname(file), text);
  return (await stat(target).catch(() => undefined)) === undefined ? file : target;
}
