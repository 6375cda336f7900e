import path from 'node:path';
import { type Dataset, UsageError } from '@sifaka/cli';
import { FrozenPrefixFolder } from '@sifaka/encoders/node';
import { openEncoders, type PublishedEncoders } from '@sifaka/trainer';
import type { LoadMovieLensOptions } from './load-movielens.js';

/** The published encoders of a data set. */
export interface OpenedForData {
  /** Options of `buildCatalogue`. */
  readonly inputs: PublishedEncoders['inputs'];
  /** What the data set has of them: nothing without published encoders. */
  readonly parts: Pick<Dataset, 'encoders' | 'frozenPrefixes'>;
}

/**
 * Opens the published encoders that were named. What their frozen layers compute is kept in the cache folder.
 *
 * @throws UsageError if one does not fit; PretrainedError if one cannot be opened.
 */
export async function openPublished({
  encoders = {},
  cacheFolder,
  onDownload,
  signal,
}: Pick<LoadMovieLensOptions, 'encoders' | 'cacheFolder' | 'onDownload' | 'signal'>): Promise<OpenedForData> {
  if (Object.values(encoders).every(({ encoder }) => encoder === undefined)) return { inputs: {}, parts: {} };
  try {
    const hub = { ...(onDownload && { onProgress: onDownload }), ...(signal && { signal }) };
    const published = await openEncoders({ content: encoders }, hub);
    const frozenPrefixes = new FrozenPrefixFolder(path.join(cacheFolder, 'frozen-layers'));
    return { inputs: published.inputs, parts: { encoders: published, frozenPrefixes } };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
}
