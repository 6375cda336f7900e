import { readFile, stat } from 'node:fs/promises';
import { loadSharp } from '../optional-packages.js';
import { ImageError } from './image-error.js';
import { checkSize, type ImageSize } from './image-size.js';
import { jpegDecoder } from './jpeg/jpeg-module.js';

export interface ImageDecoderOptions {
  /**
   * `fill` stretches the whole image to the size. `cover` keeps its proportions and crops both sides equally. Default
   * `fill`.
   */
  readonly fit?: 'fill' | 'cover';
  /** Images with more pixels are refused as `tooLarge` before decoding. Default 268,402,689 (16,383²). */
  readonly maxPixels?: number;
}

/** Everything that determines the pixels of a decoded image. */
export interface ImageFormat extends Required<ImageDecoderOptions> {
  readonly size: ImageSize;
}

/** sharp's default. It is explicit because it is part of the cache key. */
export const DEFAULT_MAX_PIXELS: number = 0x3fff * 0x3fff;

// Mid-grey keeps both black and white drawings on a transparent background visible. ImageEncoder scales it to about 0.
const BACKGROUND = { r: 128, g: 128, b: 128 };

/**
 * Decodes an image to RGB bytes of one size.
 *
 * The result is 8-bit sRGB. Grey becomes three equal channels, CMYK and embedded colour profiles are converted, and 16
 * bits are reduced to 8. Transparency is composited over mid-grey (128), the EXIF orientation is applied, and only the
 * first frame or page is decoded. Supports the formats of sharp: JPEG, PNG, WebP, GIF, AVIF, TIFF, SVG.
 *
 * @param input file name, or the bytes of a file. Node reads the file, because libvips caches files by name and would
 *   not notice a replaced file.
 * @returns `[height, width, 3]` row-major, 0 to 255.
 * @throws {@link ImageError} with a `reason` if the image is missing, damaged or too large, RangeError for an invalid
 *   size, {@link MissingPackageError} for anything but a plain JPEG if `sharp` is not installed.
 */
export async function decodeImage(
  input: string | Uint8Array,
  size: ImageSize,
  { fit = 'fill', maxPixels = DEFAULT_MAX_PIXELS }: ImageDecoderOptions = {},
): Promise<Uint8Array> {
  checkSize('decodeImage', size);
  const file = typeof input === 'string' ? input : undefined;
  const bytes = typeof input === 'string' ? await readImage(input) : input;
  if (bytes.length === 0) throw new ImageError(file, 'empty', '0 bytes');
  // sharp starts a pipeline for every image, which takes several times as long as decoding a small one.
  const plain = fit === 'fill' ? jpegDecoder()(bytes, size, maxPixels) : undefined;
  if (plain !== undefined) return plain;
  const sharp = loadSharp('decodeImage');
  try {
    // 'error' refuses truncated images but ignores harmless warnings, which sharp's default would refuse too.
    const pixels = await sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, autoOrient: true })
      .flatten({ background: BACKGROUND })
      .resize({ width: size.width, height: size.height, fit })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ImageError(file, decoderReason(detail), detail.replaceAll(/\s+/g, ' '), { cause: error });
  }
}

async function readImage(file: string): Promise<Uint8Array> {
  try {
    // Checked first, because reading a pipe or a device may never end.
    if (!(await stat(file)).isFile()) throw new ImageError(file, 'unreadable', 'not a file');
    return await readFile(file);
  } catch (error) {
    if (ImageError.isInstance(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ImageError(file, FILE_REASONS[code] ?? 'unreadable', code, { cause: error });
  }
}

const FILE_REASONS: Readonly<Record<string, ImageError['reason']>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ERR_FS_FILE_TOO_LARGE: 'tooLarge',
};

// sharp has no error codes. Its messages come from libvips and the decoders below it.
function decoderReason(message: string): ImageError['reason'] {
  if (/exceeds pixel limit/i.test(message)) return 'tooLarge';
  if (/premature end|unexpected end/i.test(message)) return 'truncated';
  return 'unreadable';
}
