import type { ImageSize } from '../images/image-size.js';
import { readProcessor } from '../images/processor/read-processor.js';
import type { PixelScale } from '../towers/pixel-scale.js';
import type { ConfigReader } from './config-reader.js';
import type { LoadImageOptions } from './image-form.js';
import type { PretrainedFiles } from './pretrained-files.js';

/** The pixel scale and the image size that an encoder expects. */
export interface ImageInput {
  readonly scale: PixelScale;
  /** Undefined: neither the options nor the file say it. */
  readonly size: ImageSize | undefined;
}

/**
 * Options come first. What they leave open is read from preprocessor_config.json, as `ImageProcessor` reads it.
 *
 * @throws Error if there is no file and no `scale`, RangeError naming the processor or the setting that is unknown or out
 *   of range.
 */
export function readImageInput(
  where: string,
  { preprocessor, config }: PretrainedFiles,
  { scale, imageSize }: Pick<LoadImageOptions, 'scale' | 'imageSize'>,
): ImageInput {
  if (scale !== undefined && (imageSize !== undefined || preprocessor === undefined)) return { scale, size: imageSize };
  if (preprocessor === undefined) {
    throw new Error(`${where}: expected preprocessor_config.json, got none; name the scale by the option scale`);
  }
  const published = readProcessor(`${where}: preprocessor_config.json`, preprocessor, config['model_type']);
  // A class has a size too, but the model knows better what it was trained on.
  const says = ['size', 'crop_size'].some((setting) => preprocessor[setting] != null);
  return { scale: scale ?? published.scale, size: imageSize ?? (says ? published.size : undefined) };
}

/** Of the images that a tower was trained on. @param missing side, if `config.json` does not name it */
export function readTrainedSize(config: ConfigReader, missing?: number): ImageSize {
  if (config.has('image_size')) {
    const size = config.size('image_size');
    if (size !== undefined) return size;
  }
  const side = config.whole('image_size', missing);
  return { height: side, width: side };
}
