import type { PretrainedFiles } from '../../pretrained/pretrained-files.js';
import type { PixelScale } from '../../towers/pixel-scale.js';
import type { ImageSize } from '../image-size.js';
import type { ImagePlan } from './image-plan.js';
import { readProcessor } from './read-processor.js';

/** The files of a checkpoint that determine its pixels: config.json only if the other names no class. */
export type ProcessorFiles = Pick<PretrainedFiles, 'name' | 'preprocessor'> & Partial<Pick<PretrainedFiles, 'config'>>;

/**
 * The image processor of a published checkpoint: `ViTImageProcessor`, `CLIPImageProcessor`, `SiglipImageProcessor`, or
 * `BitImageProcessor` (DINOv2), by its preprocessor_config.json. Takes the place of a size in `decodeImage` and
 * `decodeImages`.
 *
 * Images are resized with Pillow's filters and cropped. The result is bytes; the encoder applies {@link scale}.
 */
export class ImageProcessor {
  /** Folder or `owner/name@revision` of the checkpoint. */
  readonly name: string;
  /** Of the result. */
  readonly size: ImageSize;
  /** How the encoder turns bytes into its input. */
  readonly scale: PixelScale;
  /** How a decoded image becomes the result. */
  readonly plan: ImagePlan;

  private constructor(name: string, { size, plan, scale }: Pick<ImageProcessor, 'size' | 'plan' | 'scale'>) {
    this.name = name;
    this.size = size;
    this.plan = plan;
    this.scale = scale;
  }

  /**
   * @throws RangeError if there is no preprocessor_config.json, or naming its processor or setting that is unknown: one
   *   that is not followed would change pixels in silence.
   */
  static fromFiles({ name, preprocessor, config }: ProcessorFiles): ImageProcessor {
    if (preprocessor === undefined) {
      throw new RangeError(`ImageProcessor: ${name}: expected a preprocessor_config.json, got none`);
    }
    const where = `ImageProcessor: ${name}`;
    const { size, ...processing } = readProcessor(where, preprocessor, config?.['model_type']);
    if (size === undefined) {
      const got = JSON.stringify(preprocessor['do_center_crop']) ?? 'none';
      throw new RangeError(
        `${where}: do_center_crop: expected true, because all images must end with one size, got ${got}`,
      );
    }
    return new ImageProcessor(name, { size, ...processing });
  }
}
