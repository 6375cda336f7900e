import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Lists the folders in a folder whose names match, in descending order: the newest first. Empty if there is no folder.
 */
export async function listFolders(folder: string, name: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((each) => name.test(each))
    .sort()
    .reverse()
    .map((each) => path.join(folder, each));
}

/**
 * Renames a completely written folder to its target. Of the other folders whose names match, keeps the newest. The
 * target always stays, even if a longer run left folders with later steps.
 */
export async function publishFolder(partial: string, target: string, name: RegExp): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  const others = (await listFolders(path.dirname(target), name)).filter((other) => other !== target);
  for (const old of others.slice(1)) await rm(old, { recursive: true, force: true });
}
