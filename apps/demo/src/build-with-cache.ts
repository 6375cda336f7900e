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
  options: Omit<BuildCatalogueOptions, 'imageCacheFile' | 'onProgress' | 'onWarning' | 'signal'>,
): Promise<{ readonly built: BuiltCatalogue; readonly warnings: readonly string[] }> {
  const problems: string[] = [];
  const built = await buildCatalogue(items, {
    ...options,
    imageCacheFile: path.join(cacheFolder, `posters-${shortHash(path.resolve(folder))}${sizeOf(options)}.bin`),
    onWarning: (problem) => problems.push(problem),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  const warnings = problems
    .slice(-1)
    .map(
      (problem) =>
        `the cache of decoded posters cannot be used (${problem}); they are decoded at each start. ` +
        'SIFAKA_CACHE names another folder',
    );
  return { built, warnings };
}

/** Posters for a published encoder are kept beside those of our own. */
function sizeOf({ imageProcessor }: Pick<BuildCatalogueOptions, 'imageProcessor'>): string {
  return imageProcessor === undefined ? '' : `-${shortHash(JSON.stringify(imageProcessor.plan))}`;
}
