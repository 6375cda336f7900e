import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Folders in a folder whose names fit, by falling name: newest first, where the name holds the step. None if there is no such folder. */
export async function listFolders(folder: string, name: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((each) => name.test(each))
    .sort()
    .reverse()
    .map((each) => path.join(folder, each));
}

/**
 * Renames a folder that was written beside into its place, and keeps one other with a name that fits, the newest. Of another, longer run there
 * may be later steps: the one just written always stays.
 */
export async function publishFolder(partial: string, target: string, name: RegExp): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  const others = (await listFolders(path.dirname(target), name)).filter((other) => other !== target);
  for (const old of others.slice(1)) await rm(old, { recursive: true, force: true });
}
