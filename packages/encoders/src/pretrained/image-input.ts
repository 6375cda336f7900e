import type { ImageSize } from '../images/image-size.js';
import type { PixelScale } from '../towers/pixel-scale.js';
import { ConfigReader } from './config-reader.js';
import type { PretrainedFiles } from './pretrained-files.js';

/** @throws Error if there is no `preprocessor_config.json`, or a field is missing or wrong. */
export function readPixelScale(where: string, { preprocessor }: PretrainedFiles): PixelScale {
  if (preprocessor === undefined) {
    throw new Error(`${where}: expected preprocessor_config.json, got none; name the scale by the option scale`);
  }
  const config = new ConfigReader(`${where}: preprocessor_config.json`, preprocessor);
  const rescale = config.flag('do_rescale', true) ? config.positive('rescale_factor', 1 / 255) : 1;
  if (!config.flag('do_normalize', true)) return { rescale, mean: [0, 0, 0], deviation: [1, 1, 1] };
  return { rescale, mean: config.channels('image_mean'), deviation: config.channels('image_std', { above: 0 }) };
}

/** The size of the images that the published image processor makes; undefined if it does not fix one. */
export function readInputSize(where: string, { preprocessor }: PretrainedFiles): ImageSize | undefined {
  if (preprocessor === undefined) return undefined;
  const config = new ConfigReader(`${where}: preprocessor_config.json`, preprocessor);
  const crops = config.flag('do_center_crop', config.has('crop_size'));
  return crops ? config.size('crop_size') : config.size('size');
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
