import type { BrokenImage } from './broken-image.js';
import { DEFAULT_MAX_PIXELS, decodeImage, type ImageDecoderOptions, type ImageFormat } from './decode-image.js';
import { forEachParallel } from './for-each-parallel.js';
import { type CachedImages, imageCacheKey, readImageCache, writeImageCache } from './image-cache.js';
import { ImageError } from './image-error.js';
import { checkSize, type ImageSize } from './image-size.js';
import { decodeJpegs } from './jpeg/decode-jpegs.js';

export interface DecodeImagesOptions extends ImageDecoderOptions {
  /** What every picture becomes. */
  readonly size: ImageSize;
  /**
   * Pictures in work at a time. Default: the threads that sharp decodes on (`UV_THREADPOOL_SIZE`, 4 unless set); more of
   * them only wait. From 256 files on, plain JPEGs are decoded in as many threads of our own, at most one per core. sharp's global settings are left as they are; `sharp.concurrency(1)`, its default on most Linux
   * systems, suits many small pictures best.
   */
  readonly concurrency?: number;
  /** Called after each file that was looked at, with how many are done; not called where the cache answers. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * A file that keeps the result, so that the next call with the same list of unchanged files (by size and time of
   * change), the same options and the same sharp decodes nothing. Written anew, and whole or not at all, whenever it is
   * absent, stale or damaged. Its folder is made. Default: no cache.
   */
  readonly cacheFile?: string;
}

// Missing is the 0 that a new array holds.
const OK = 1;
const BROKEN = 2;

export interface DecodedImages {
  /** `[N, height, width, 3]`, RGB, 0 to 255; zeros where the status is not 1. */
  readonly pixels: Uint8Array;
  /** `[N]` 0 missing, 1 ok, 2 broken. */
  readonly status: Uint8Array;
  readonly counts: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** Ordered by index. */
  readonly broken: readonly BrokenImage[];
  readonly size: ImageSize;
  /** True if `cacheFile` answered and no picture was decoded. */
  readonly fromCache: boolean;
}

/**
 * Decodes many pictures into one block of bytes, each as {@link decodeImage} does.
 *
 * A picture never makes it throw: no name (`undefined`) or no such file is counted as missing, anything else that is no
 * whole picture as broken, and listed with its reason.
 *
 * @param files one name per item, in the order of the result.
 * @throws RangeError for an impossible size or concurrency, or an Error if the cache file can be neither read nor written.
 *   {@link MissingPackageError} if a picture is not a plain JPEG and `sharp` is not installed.
 */
export async function decodeImages(
  files: readonly (string | undefined)[],
  {
    size,
    fit = 'fill',
    maxPixels = DEFAULT_MAX_PIXELS,
    concurrency = Number(process.env['UV_THREADPOOL_SIZE']) || 4,
    onProgress,
    cacheFile,
  }: DecodeImagesOptions,
): Promise<DecodedImages> {
  checkSize('decodeImages', size);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`decodeImages: expected a concurrency of at least 1, got ${concurrency}`);
  }
  const options = { size, fit, maxPixels, concurrency, onProgress };
  if (cacheFile === undefined) return report(await decodeAll(files, options), size, false);
  // The key is taken before decoding: a file that changes meanwhile makes the cache stale, never wrong.
  const key = await imageCacheKey(files, options, concurrency);
  const cached = await readImageCache(cacheFile, key, files.length, imageBytes(size));
  if (cached !== undefined) return report(cached, size, true);
  const decoded = await decodeAll(files, options);
  await writeImageCache(cacheFile, key, decoded);
  return report(decoded, size, false);
}

async function decodeAll(
  files: readonly (string | undefined)[],
  options: ImageFormat & {
    readonly concurrency: number;
    readonly onProgress: DecodeImagesOptions['onProgress'];
  },
): Promise<CachedImages> {
  const { size, concurrency, onProgress } = options;
  const pixels = new Uint8Array(files.length * imageBytes(size));
  const status = new Uint8Array(files.length);
  const broken: BrokenImage[] = [];
  let done = 0;
  if (options.fit === 'fill') {
    const onDecoded = (index: number): void => {
      status[index] = OK;
      onProgress?.(++done, files.length);
    };
    await decodeJpegs({ files, ...options, pixels, onDecoded });
  }
  await forEachParallel(files.length, concurrency, async (index) => {
    if (status[index] === OK) return;
    const file = files[index];
    if (file !== undefined) {
      try {
        pixels.set(await decodeImage(file, size, options), index * imageBytes(size));
        status[index] = OK;
      } catch (error) {
        if (!ImageError.isInstance(error)) throw error;
        if (error.reason !== 'missing') {
          status[index] = BROKEN;
          broken.push({ index, file, reason: error.reason, message: error.message });
        }
      }
    }
    onProgress?.(++done, files.length);
  });
  broken.sort((a, b) => a.index - b.index);
  for (const [i, picture] of broken.entries()) broken[i] = await askAlone(picture, options);
  return { pixels, status, broken };
}

/** libvips keeps what all threads complain of in one place: of two pictures that fail at once, one may be told the other's reason. */
async function askAlone(picture: BrokenImage, options: ImageFormat): Promise<BrokenImage> {
  try {
    await decodeImage(picture.file, options.size, options);
  } catch (error) {
    if (!ImageError.isInstance(error)) throw error;
    return { ...picture, reason: error.reason, message: error.message };
  }
  return picture;
}

function report(images: CachedImages, size: ImageSize, fromCache: boolean): DecodedImages {
  const ok = images.status.reduce((sum, status) => sum + (status === OK ? 1 : 0), 0);
  const broken = images.broken.length;
  return { ...images, counts: { ok, missing: images.status.length - ok - broken, broken }, size, fromCache };
}

function imageBytes({ width, height }: ImageSize): number {
  return height * width * 3;
}
