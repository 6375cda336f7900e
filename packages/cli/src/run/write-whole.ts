import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const UNFINISHED = /^\..+\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.partial$/;

/**
 * Writes a file under a name that no other process uses, and renames it. A file with its final name is always complete.
 *
 * @throws Error naming the file if it cannot be written. An earlier file stays as it was.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.partial`);
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new Error(`Cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Removes what killed processes left of {@link writeWhole}. Only for a folder that this process has locked. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (UNFINISHED.test(name)) await rm(path.join(folder, name), { force: true });
  }
}
