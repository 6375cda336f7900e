import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive, temporaryName } from './stale-files.js';

const UNFINISHED = /\.(\d+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Writes a file under a name that no other process uses, and renames it. A file with its final name is always complete.
 *
 * @param content or a function that makes the file at the path that it is given
 * @throws the system's error if it cannot be written. An earlier file stays as it was.
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array | ((at: string) => Promise<void>),
): Promise<void> {
  const unfinished = temporaryName(file);
  try {
    if (typeof content === 'function') await content(unfinished);
    else await writeFile(unfinished, content);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes what killed processes of this machine left of {@link writeWhole} in a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = UNFINISHED.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(path.join(folder, name), { force: true });
  }
}
