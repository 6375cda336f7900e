import { checkSize, type ImageSize } from './image-size.js';
import type { ImagePlan } from './processor/image-plan.js';
import { ImageProcessor } from './processor/image-processor.js';

export interface ImageDecoderOptions {
  /**
   * `fill` stretches the whole image to the size. `cover` keeps its proportions and crops both sides equally. Default
   * `fill`.
   */
  readonly fit?: 'fill' | 'cover';
  /**
   * Images with more pixels are refused as `tooLarge` before decoding. Some formats need all pixels in memory, at three
   * bytes or more for each. Default 100,000,000.
   */
  readonly maxPixels?: number;
  /** Larger files are refused as `tooLarge` before they are read. Default 67,108,864 (64 MiB). */
  readonly maxBytes?: number;
  /**
   * SVG files with more bytes are refused as `tooLarge`; compressed ones always are; 0 refuses all. The time to draw
   * one grows with the square of its size: half a second for 64 KiB, 45 s for 600 KB. Default 65,536.
   */
  readonly maxSvgBytes?: number;
  /**
   * An SVG that takes longer to draw is refused as `tooLarge`: a small one can ask for any amount of work. SVGs are
   * drawn in another process, which is then killed. Default 10.
   */
  readonly maxSvgSeconds?: number;
}

/** Everything that determines the pixels of a decoded image. */
export interface ImageFormat extends Required<ImageDecoderOptions> {
  readonly size: ImageSize;
  /** What a published processor does to the decoded image, instead of `fit`. */
  readonly plan: ImagePlan | undefined;
}

const MAX_PIXELS = 100_000_000;
const MAX_BYTES = 1 << 26;
const MAX_SVG_BYTES = 1 << 16;
const MAX_SVG_SECONDS = 10;

/** @throws RangeError naming an option outside its range. */
export function imageFormat(
  where: string,
  target: ImageSize | ImageProcessor,
  options: ImageDecoderOptions,
): ImageFormat {
  const isPublished = target instanceof ImageProcessor;
  const size = isPublished ? target.size : target;
  const { fit = 'fill', maxPixels = MAX_PIXELS, maxBytes = MAX_BYTES } = options;
  const { maxSvgBytes = MAX_SVG_BYTES, maxSvgSeconds = MAX_SVG_SECONDS } = options;
  checkSize(where, size);
  if (fit !== 'fill' && fit !== 'cover') {
    throw new RangeError(`${where}: expected a fit of fill or cover, got ${JSON.stringify(fit)}`);
  }
  if (isPublished && options.fit !== undefined) {
    throw new RangeError(`${where}: expected no fit beside an ImageProcessor, which determines it, got ${fit}`);
  }
  for (const [name, value] of Object.entries({ maxPixels, maxBytes })) checkLimit(where, name, value, 1);
  checkLimit(where, 'maxSvgBytes', maxSvgBytes, 0);
  if (!(Number.isFinite(maxSvgSeconds) && maxSvgSeconds > 0)) {
    throw new RangeError(`${where}: expected maxSvgSeconds to be a number above 0, got ${maxSvgSeconds}`);
  }
  const plan = isPublished ? target.plan : undefined;
  return { size, fit, plan, maxPixels, maxBytes, maxSvgBytes, maxSvgSeconds };
}

function checkLimit(where: string, name: string, value: number, from: number): void {
  if (Number.isSafeInteger(value) && value >= from) return;
  throw new RangeError(`${where}: expected ${name} to be a whole number from ${from}, got ${value}`);
}
