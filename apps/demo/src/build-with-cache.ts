import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shortHash } from '@sifaka/cli';
import { type BuildCatalogueOptions, type BuiltCatalogue, buildCatalogue, type RawItem } from '@sifaka/trainer';
import type { LoadMovieLensOptions } from './load-movielens.js';

/**
 * Builds a catalogue whose decoded posters are kept in the cache folder. A cache only saves time: one that cannot be
 * read or written is a warning.
 */
export async function buildWithCache(
  items: readonly RawItem[],
  { folder, cacheFolder, onProgress, signal }: LoadMovieLensOptions,
  options: Omit<BuildCatalogueOptions, 'imageCacheFile' | 'onProgress'>,
): Promise<{ readonly built: BuiltCatalogue; readonly warnings: readonly string[] }> {
  const all = {
    ...options,
    onProgress: (done: number, total: number) => {
      signal?.throwIfAborted(); // An error here ends the decoding.
      onProgress?.(done, total);
    },
  };
  const warning = (reason: string) =>
    `the cache of decoded posters cannot be used (${reason}); they are decoded at each start. ` +
    'SIFAKA_CACHE names another folder';
  const problem = await writeProblem(cacheFolder);
  if (problem !== undefined) return { built: await buildCatalogue(items, all), warnings: [warning(problem)] };
  const imageCacheFile = path.join(cacheFolder, `posters-${shortHash(path.resolve(folder))}.bin`);
  try {
    return { built: await buildCatalogue(items, { ...all, imageCacheFile }), warnings: [] };
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('cacheFile'))) throw error;
    return { built: await buildCatalogue(items, all), warnings: [warning(error.message)] };
  }
}

/** Tries to write to a folder, so that posters are not decoded in vain. @returns why it failed */
async function writeProblem(folder: string): Promise<string | undefined> {
  const file = path.join(folder, `.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '');
    await rm(file);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
