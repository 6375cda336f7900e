import type { BrokenImage } from './broken-image.js';
import { decodeWithFormat } from './decode-image.js';
import { forEachParallel } from './for-each-parallel.js';
import { type CachedImages, imageCacheKey, readImageCache, writeImageCache } from './image-cache.js';
import { ImageError } from './image-error.js';
import { type ImageDecoderOptions, type ImageFormat, imageFormat } from './image-format.js';
import { type ImageSize, imageBytes } from './image-size.js';
import { decodeJpegs } from './jpeg/decode-jpegs.js';
import type { ImageProcessor } from './processor/image-processor.js';

export interface DecodeImagesOptions extends ImageDecoderOptions {
  /** Size of every decoded image, or the processor of a published checkpoint, which determines size and `fit`. */
  readonly size: ImageSize | ImageProcessor;
  /**
   * Images decoded at a time. Default: the number of threads that sharp decodes on (`UV_THREADPOOL_SIZE`, or 4). More
   * images would only wait. From 256 files on, this package decodes plain JPEGs in this many worker threads, at most
   * one per core. sharp's global settings do not change. `sharp.concurrency(1)`, its default on most Linux systems, is
   * best for many small images.
   */
  readonly concurrency?: number;
  /** Called after each file, unless the result comes from the cache. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * File that stores the result. The next call reads it instead of decoding, provided that the list of files, their
   * sizes and modification times, the options and the decoder versions are the same. A missing, stale or damaged cache
   * is replaced atomically. Its folder is created. Default: no cache.
   */
  readonly cacheFile?: string;
  /**
   * Called with a message if the cache file cannot be read or written. Decoding goes on, because a cache only saves
   * time. Default: `process.emitWarning`.
   */
  readonly onWarning?: (message: string) => void;
  /** Stops between images. Default: none. */
  readonly signal?: AbortSignal;
}

// Values of `status`. 0, the initial value of the array, is a missing image.
const OK = 1;
const BROKEN = 2;

export interface DecodedImages {
  /** `[N, height, width, 3]`, RGB, 0 to 255; zeros for images with a status other than 1. Input of `ImageEncoder`. */
  readonly pixels: Uint8Array;
  /** `[N]` 0 missing, 1 ok, 2 broken. */
  readonly status: Uint8Array;
  readonly counts: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** Ordered by index. */
  readonly broken: readonly BrokenImage[];
  readonly size: ImageSize;
  /** True if the result comes from `cacheFile`. */
  readonly fromCache: boolean;
}

/**
 * Decodes many images into one block of bytes, each like {@link decodeImage}.
 *
 * Missing and damaged images do not throw. A missing name (`undefined`) or file counts as missing. All other failures
 * count as broken and are listed with their reasons.
 *
 * @param files one name per item, in the order of the result.
 * @throws RangeError for an invalid size, limit or concurrency, or for more pixels than an array can hold; TypeError
 *   for a name that is not a string; {@link MissingPackageError} if an image is not a plain JPEG and `sharp` is not
 *   installed; the reason of `signal` if it is aborted.
 */
export async function decodeImages(
  files: readonly (string | undefined)[],
  {
    size: target,
    concurrency = threadPoolSize(),
    onProgress,
    cacheFile,
    onWarning = (message) => process.emitWarning(message),
    signal,
    ...limits
  }: DecodeImagesOptions,
): Promise<DecodedImages> {
  const format = imageFormat('decodeImages', target, limits);
  const { size } = format;
  checkFiles(files, imageBytes(size));
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`decodeImages: expected a concurrency of at least 1, got ${concurrency}`);
  }
  const options = { ...format, concurrency, onProgress, signal };
  if (cacheFile === undefined) return report(await decodeAll(files, options), size, false);
  const warn = (error: Error): undefined => {
    onWarning(error.message);
  };
  // The key is computed first, so a file that changes during decoding makes the cache stale, never wrong.
  const key = await imageCacheKey(files, options, concurrency);
  const cached = await readImageCache(cacheFile, key, files.length, imageBytes(size)).catch(warn);
  if (cached !== undefined) return report(cached, size, true);
  const decoded = await decodeAll(files, options);
  await writeImageCache(cacheFile, key, decoded).catch(warn);
  return report(decoded, size, false);
}

async function decodeAll(
  files: readonly (string | undefined)[],
  options: ImageFormat & {
    readonly concurrency: number;
    readonly onProgress: DecodeImagesOptions['onProgress'];
    readonly signal: AbortSignal | undefined;
  },
): Promise<CachedImages> {
  const { size, concurrency, onProgress, signal } = options;
  const pixels = new Uint8Array(files.length * imageBytes(size));
  const status = new Uint8Array(files.length);
  const broken: BrokenImage[] = [];
  /** Broken images whose reason comes from libvips. */
  const doubtful = new Set<number>();
  let done = 0;
  if (options.plan === undefined && options.fit === 'fill') {
    const onDecoded = (index: number): void => {
      status[index] = OK;
      onProgress?.(++done, files.length);
    };
    await decodeJpegs({ files, ...options, pixels, onDecoded });
  }
  await forEachParallel(files.length, concurrency, async (index) => {
    signal?.throwIfAborted();
    if (status[index] === OK) return;
    const file = files[index];
    if (file !== undefined) {
      try {
        pixels.set(await decodeWithFormat(file, options), index * imageBytes(size));
        status[index] = OK;
      } catch (error) {
        if (!ImageError.isInstance(error)) throw error;
        if (error.reason !== 'missing') {
          status[index] = BROKEN;
          broken.push({ index, file, reason: error.reason, message: error.message });
          if (error.cause !== undefined) doubtful.add(index);
        }
      }
    }
    onProgress?.(++done, files.length);
  });
  broken.sort((a, b) => a.index - b.index);
  for (const [i, image] of broken.entries()) {
    signal?.throwIfAborted();
    if (doubtful.has(image.index)) broken[i] = await confirmReason(image, options);
  }
  return { pixels, status, broken };
}

/**
 * Decodes a broken image again on its own. libvips collects the messages of all threads in one place, so one of two
 * images that fail at the same time may have got the reason of the other.
 */
async function confirmReason(image: BrokenImage, options: ImageFormat): Promise<BrokenImage> {
  try {
    await decodeWithFormat(image.file, options);
  } catch (error) {
    if (!ImageError.isInstance(error)) throw error;
    return { ...image, reason: error.reason, message: error.message };
  }
  return image;
}

function report(images: CachedImages, size: ImageSize, fromCache: boolean): DecodedImages {
  const ok = images.status.reduce((sum, status) => sum + (status === OK ? 1 : 0), 0);
  const broken = images.broken.length;
  return { ...images, counts: { ok, missing: images.status.length - ok - broken, broken }, size, fromCache };
}

/** Threads on which sharp decodes. */
function threadPoolSize(): number {
  const size = Number(process.env['UV_THREADPOOL_SIZE']);
  return Number.isInteger(size) && size > 0 ? size : 4;
}

/** The longest typed array of Node 20. Later versions name a limit that they cannot allocate. */
const MAX_PIXEL_BYTES = 2 ** 32;

function checkFiles(files: readonly (string | undefined)[], bytes: number): void {
  files.forEach((file, i) => {
    if (file === undefined || typeof file === 'string') return;
    throw new TypeError(`decodeImages: expected names of files or undefined, got ${JSON.stringify(file)} at ${i}`);
  });
  if (files.length * bytes > MAX_PIXEL_BYTES) {
    throw new RangeError(
      `decodeImages: expected at most ${MAX_PIXEL_BYTES} bytes of pixels, got ${files.length} images of ${bytes}`,
    );
  }
}
