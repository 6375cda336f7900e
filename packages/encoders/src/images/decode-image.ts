import { loadSharp } from '../optional-packages.js';
import { drawSvg } from './draw-svg.js';
import { ImageError } from './image-error.js';
import { type ImageDecoderOptions, type ImageFormat, imageFormat } from './image-format.js';
import type { ImageSize } from './image-size.js';
import { jpegDecoder } from './jpeg/jpeg-module.js';
import { followPlan } from './processor/image-plan.js';
import type { ImageProcessor } from './processor/image-processor.js';
import { isSvg, readImage } from './read-image.js';
import { type RawImage, sharpSteps, takeSteps } from './sharp-steps.js';
import type { Drawing } from './svg-process.js';

/**
 * Decodes an image to RGB bytes of one size.
 *
 * The result is 8-bit sRGB. Grey becomes three equal channels, CMYK and embedded colour profiles are converted, and 16
 * bits are reduced to 8. Transparency is composited over mid-grey (128), the EXIF orientation is applied, and only the
 * first frame or page is decoded. Supports the formats of sharp: JPEG, PNG, WebP, GIF, AVIF, TIFF, SVG.
 *
 * @param target size of the result, or the processor of a published checkpoint, which resizes and crops by its own rules
 * @param input file name, or the bytes of a file. Node reads the file, because libvips caches files by name and would
 *   not notice a replaced file.
 * @returns `[height, width, 3]` row-major, 0 to 255.
 * @throws {@link ImageError} with a `reason` if the image is missing, damaged or too large, RangeError for an invalid
 *   size or option, {@link MissingPackageError} for anything but a plain JPEG if `sharp` is not installed.
 */
export async function decodeImage(
  input: string | Uint8Array,
  target: ImageSize | ImageProcessor,
  options: ImageDecoderOptions = {},
): Promise<Uint8Array> {
  return decodeWithFormat(input, imageFormat('decodeImage', target, options));
}

/** {@link decodeImage} with options that were checked. */
export async function decodeWithFormat(input: string | Uint8Array, format: ImageFormat): Promise<Uint8Array> {
  const { size, plan } = format;
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) {
    throw new TypeError(
      `decodeImage: expected a file name or a Uint8Array, got ${input === null ? 'null' : typeof input}`,
    );
  }
  const file = typeof input === 'string' ? input : undefined;
  const bytes = await readImage(input, format);
  // sharp starts a pipeline for every image, which takes several times as long as decoding a small one.
  const target = plan === undefined ? size : undefined;
  const plain = format.fit === 'fill' ? jpegDecoder()(bytes, target, format.maxPixels) : undefined;
  const raw = plain ?? (await decodeOther(bytes, file, format));
  return plan === undefined ? raw.pixels : followPlan(raw.pixels, raw, plan);
}

async function decodeOther(bytes: Uint8Array, file: string | undefined, format: ImageFormat): Promise<RawImage> {
  return isSvg(bytes) ? drawnSvg(await drawSvg(bytes, format), file, format) : decodeRaw(bytes, file, format);
}

async function decodeRaw(bytes: Uint8Array, file: string | undefined, format: ImageFormat): Promise<RawImage> {
  const sharp = loadSharp('decodeImage');
  try {
    return await takeSteps(sharp, bytes, sharpSteps(format));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ImageError(file, decoderReason(detail), detail.replaceAll(/\s+/g, ' '), { cause: error });
  }
}

function drawnSvg(drawing: Drawing, file: string | undefined, { maxSvgSeconds }: ImageFormat): RawImage {
  if ('pixels' in drawing) return drawing;
  if ('problem' in drawing) {
    throw new ImageError(file, decoderReason(drawing.problem), drawing.problem.replaceAll(/\s+/g, ' '));
  }
  if (drawing.lost === 'late') {
    throw new ImageError(file, 'tooLarge', `an SVG that takes more than ${maxSvgSeconds} s to draw`);
  }
  throw new ImageError(file, 'unreadable', `an SVG whose drawing process ${drawing.lost}`);
}

// sharp has no error codes. Its messages come from libvips and the decoders below it.
function decoderReason(message: string): ImageError['reason'] {
  if (/exceeds pixel limit/i.test(message)) return 'tooLarge';
  if (/premature end|unexpected end/i.test(message)) return 'truncated';
  return 'unreadable';
}
