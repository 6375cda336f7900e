import { readFile, stat } from 'node:fs/promises';
import { loadSharp } from '../optional-packages.js';
import { ImageError } from './image-error.js';
import { checkSize, type ImageSize } from './image-size.js';
import { jpegDecoder } from './jpeg/jpeg-module.js';

export interface ImageDecoderOptions {
  /**
   * `fill` stretches the whole picture over the size, so nothing of it is lost; `cover` keeps its proportions and crops
   * equally on both sides what does not fit. Default `fill`.
   */
  readonly fit?: 'fill' | 'cover';
  /** A picture of more pixels is refused as `tooLarge` before any of it is decoded. Default 268,402,689 (16,383²). */
  readonly maxPixels?: number;
}

/** Everything that determines the pixels of a decoded image. */
export interface ImageFormat extends Required<ImageDecoderOptions> {
  readonly size: ImageSize;
}

/** sharp's own limit, named here so that it is part of a cache's key. */
export const DEFAULT_MAX_PIXELS: number = 0x3fff * 0x3fff;

// As dark as it is light: a black and a white drawing on a transparent ground both stay visible, and where pixels are
// scaled to -1..1 the ground is 0.
const BACKGROUND = { r: 128, g: 128, b: 128 };

/**
 * Decodes a picture to RGB bytes of one size.
 *
 * Whatever came is 8-bit sRGB afterwards: grey becomes three equal channels, CMYK and embedded colour profiles are
 * converted, 16 bits are cut to 8, transparency is laid on mid-grey (128), the EXIF orientation is applied, and of an
 * animation or of several pages the first is taken. Reads what sharp reads: JPEG, PNG, WebP, GIF, AVIF, TIFF, SVG.
 *
 * @param input a file's name, or the bytes of one. A file is read whole, by Node, so a picture replaced under the same
 *   name is never served from libvips' cache of files.
 * @returns `[height, width, 3]` row-major, 0 to 255.
 * @throws {@link ImageError} where there is no whole picture; its `reason` says why. A `RangeError` for an impossible size.
 *   {@link MissingPackageError} for anything but a plain JPEG if `sharp` is not installed.
 */
export async function decodeImage(
  input: string | Uint8Array,
  size: ImageSize,
  { fit = 'fill', maxPixels = DEFAULT_MAX_PIXELS }: ImageDecoderOptions = {},
): Promise<Uint8Array> {
  checkSize('decodeImage', size);
  const file = typeof input === 'string' ? input : undefined;
  const bytes = typeof input === 'string' ? await readPicture(input) : input;
  if (bytes.length === 0) throw new ImageError(file, 'empty', '0 bytes');
  // sharp starts a pipeline for every picture, which takes several times as long as decoding a small one.
  const plain = fit === 'fill' ? jpegDecoder()(bytes, size, maxPixels) : undefined;
  if (plain !== undefined) return plain;
  const sharp = loadSharp('decodeImage');
  try {
    // 'error' refuses half a picture but lets the harmless warnings pass that sharp's default would refuse too.
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

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    // Asked first, because reading a pipe or a device may never end.
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

// sharp has no error codes: its messages are those of libvips and of the decoders under it.
function decoderReason(message: string): ImageError['reason'] {
  if (/exceeds pixel limit/i.test(message)) return 'tooLarge';
  if (/premature end|unexpected end/i.test(message)) return 'truncated';
  return 'unreadable';
}
