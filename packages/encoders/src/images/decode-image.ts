import { loadSharp } from '../optional-packages.js';
import { ImageError } from './image-error.js';
import { type ImageDecoderOptions, imageFormat } from './image-format.js';
import type { ImageSize } from './image-size.js';
import { jpegDecoder } from './jpeg/jpeg-module.js';
import { readImage } from './read-image.js';

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
 *   size or option, {@link MissingPackageError} for anything but a plain JPEG if `sharp` is not installed.
 */
export async function decodeImage(
  input: string | Uint8Array,
  size: ImageSize,
  options: ImageDecoderOptions = {},
): Promise<Uint8Array> {
  const format = imageFormat('decodeImage', size, options);
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) {
    throw new TypeError(
      `decodeImage: expected a file name or a Uint8Array, got ${input === null ? 'null' : typeof input}`,
    );
  }
  const file = typeof input === 'string' ? input : undefined;
  const bytes = await readImage(input, format);
  // sharp starts a pipeline for every image, which takes several times as long as decoding a small one.
  const plain = format.fit === 'fill' ? jpegDecoder()(bytes, size, format.maxPixels) : undefined;
  if (plain !== undefined) return plain;
  const sharp = loadSharp('decodeImage');
  try {
    // 'error' refuses truncated images but ignores harmless warnings, which sharp's default would refuse too.
    const pixels = await sharp(bytes, { failOn: 'error', limitInputPixels: format.maxPixels, autoOrient: true })
      .flatten({ background: BACKGROUND })
      .resize({ width: size.width, height: size.height, fit: format.fit })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ImageError(file, decoderReason(detail), detail.replaceAll(/\s+/g, ' '), { cause: error });
  }
}

// sharp has no error codes. Its messages come from libvips and the decoders below it.
function decoderReason(message: string): ImageError['reason'] {
  if (/exceeds pixel limit/i.test(message)) return 'tooLarge';
  if (/premature end|unexpected end/i.test(message)) return 'truncated';
  return 'unreadable';
}
