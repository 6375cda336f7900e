import { createHash } from 'node:crypto';
import { RowFolder } from '../rows/row-folder.js';
import type { BrokenImage } from './broken-image.js';
import { type DecodeImagesOptions, decodeImages } from './decode-images.js';
import { forEachParallel } from './for-each-parallel.js';
import { fileFingerprint, formatFingerprint } from './image-cache.js';
import { imageFormat } from './image-format.js';
import { imageBytes } from './image-size.js';
import { ImageStore } from './image-store.js';

export interface OpenImagesOptions extends Omit<DecodeImagesOptions, 'cacheFile'> {
  /** Where the decoded images are kept. It is created. Several stores and processes may use one. */
  readonly folder: string;
  /** Most bytes in the folder. Images beyond are decoded whenever they are read. Default 2³⁶, 64 GiB. */
  readonly maxFolderBytes?: number;
}

/** Pixels that are decoded before they are written. */
const GROUP_BYTES = 2 ** 26;

/** Files whose size and time are looked up at a time. */
const LOOKUPS = 8;

/**
 * Decodes the images that a folder does not have yet, and opens all. A call that was stopped or killed goes on where it
 * was. Memory does not grow with the pixels.
 *
 * An image is found by its file's name, size and modification time, the options and the decoder versions. Rows of
 * images that changed stay in the folder until it is deleted.
 *
 * @param files one name per item, as for {@link decodeImages}
 * @throws as {@link decodeImages}; RangeError if `maxFolderBytes` is negative or not a number.
 */
export async function openImages(
  files: readonly (string | undefined)[],
  { folder, maxFolderBytes = 2 ** 36, onProgress, ...decoding }: OpenImagesOptions,
): Promise<ImageStore> {
  const { size, concurrency: _, onWarning = (message) => process.emitWarning(message), signal, ...limits } = decoding;
  const format = imageFormat('openImages', size, limits);
  if (!(maxFolderBytes >= 0)) {
    throw new RangeError(`openImages: expected maxFolderBytes to be a number from 0, got ${maxFolderBytes}`);
  }
  const formatKey = formatFingerprint(format);
  const keys = new Array<string>(files.length);
  // Before decoding, so that a file that changes meanwhile is decoded again by the next call.
  await forEachParallel(files.length, LOOKUPS, async (i) => {
    keys[i] = keyOf([formatKey, files[i] ?? null, await fileFingerprint(files[i])]);
  });
  const bytes = imageBytes(format.size);
  const rows = new RowFolder('openImages', folder, { maxBytes: maxFolderBytes, onWarning });
  try {
    const status = Uint8Array.from(keys, (key) => (rows.lengthOf(key) === bytes ? 1 : 0));
    const wanted = [...status.keys()].filter((i) => status[i] === 0);
    const broken: BrokenImage[] = [];
    let decoded = 0;
    const perGroup = Math.max(1, Math.floor(GROUP_BYTES / bytes));
    for (let first = 0; first < wanted.length; first += perGroup) {
      signal?.throwIfAborted();
      const group = wanted.slice(first, first + perGroup);
      const done = files.length - wanted.length + first;
      const images = await decodeImages(
        group.map((i) => files[i]),
        { ...decoding, onProgress: (ofGroup) => onProgress?.(done + ofGroup, files.length) },
      );
      group.forEach((index, i) => {
        status[index] = images.status[i]!;
        if (status[index] !== 1) return;
        decoded++;
        rows.write(keys[index]!, images.pixels.subarray(i * bytes, (i + 1) * bytes));
      });
      broken.push(...images.broken.map((image) => ({ ...image, index: group[image.index]! })));
    }
    return new ImageStore({ rows, format, files, keys, status, broken, decoded });
  } catch (error) {
    rows.close();
    throw error;
  }
}

/** 128 bits of SHA-256, in hexadecimal digits. */
function keyOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
