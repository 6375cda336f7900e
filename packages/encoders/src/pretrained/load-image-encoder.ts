import { type PublishedNames, quoted, withoutDrawing } from '@sifaka/nn';
import { reshape } from '@tensorflow/tfjs-core';
import type { ImageSize } from '../images/image-size.js';
import { ImageTower } from '../towers/image-tower.js';
import { chooseArchitecture } from './choose-architecture.js';
import { choosePooling } from './choose-pooling.js';
import { clipImageForm, siglipImageForm } from './clip-image.js';
import { ConfigReader } from './config-reader.js';
import type { ImageForm, ImagePooling, ImageSource, LoadImageOptions } from './image-form.js';
import { readImageInput } from './image-input.js';
import { loadWeights } from './load-weights.js';
import type { PretrainedFiles } from './pretrained-files.js';
import { type PatchGrid, resizePositions } from './resize-positions.js';
import { dinov2Form, dinov2WithRegistersForm, vitForm } from './vit.js';

const ARCHITECTURES: Readonly<Record<string, (source: ImageSource) => ImageForm>> = {
  vit: vitForm,
  dinov2: dinov2Form,
  dinov2_with_registers: dinov2WithRegistersForm,
  clip: clipImageForm,
  clip_vision_model: clipImageForm,
  siglip: siglipImageForm,
  siglip_vision_model: siglipImageForm,
};

/** `model_type` of the checkpoints that have an image encoder. */
export const IMAGE_ARCHITECTURES: readonly string[] = Object.keys(ARCHITECTURES);

/** An image encoder with published weights. */
export interface PublishedImageEncoder {
  readonly encoder: ImageTower;
  /** `model_type` of the checkpoint. */
  readonly architecture: string;
  /** What `pooled` is. */
  readonly pooling: ImagePooling;
  /** Names of the checkpoint's tensors that the encoder does not use, such as heads of tasks. */
  readonly ignored: readonly string[];
}

/**
 * Makes an image encoder of a checkpoint in Hugging Face's layout. `config.json` names the architecture (`model_type`)
 * and its sizes, and the weights are found by their published names. The encoder scales pixels as
 * `preprocessor_config.json` says; resizing images is the caller's task. The values agree with those of `transformers`;
 * there is no dropout. Checkpoints of an image and a text tower (`clip`, `siglip`) give their image tower.
 *
 * `tokens` are the last hidden states: the class token first if there is one, then registers, then the patches row by
 * row. CLIP's are not normalised.
 *
 * | `model_type`                  | `pooled` by default | other kinds              |
 * | ----------------------------- | ------------------- | ------------------------ |
 * | vit                           | `classification`    | `mean`, `pooler`         |
 * | dinov2, dinov2_with_registers | `classification`    | `mean`                   |
 * | clip, clip_vision_model       | `projection`        | `classification`, `mean` |
 * | siglip, siglip_vision_model   | `attention`         | `mean`                   |
 *
 * A file of CLIP's image tower that has no projection gives `classification`, one of SigLIP's without a head `mean`.
 *
 * @throws Error naming what is wrong: an unknown architecture or activation, fields of a configuration, weights that
 *   are missing, surplus or of another type. `ShapeError` for a weight of another shape. RangeError for an unknown kind
 *   of pooling or an image size that patches do not fill. All are checked before a weight is read, and nothing stays
 *   behind.
 */
export async function loadImageEncoder(
  files: PretrainedFiles,
  options: LoadImageOptions = {},
): Promise<PublishedImageEncoder> {
  const where = `loadImageEncoder: ${quoted(files.name)}`;
  const whole = new ConfigReader(`${where}: config.json`, files.config);
  const [architecture, formOf] = chooseArchitecture(whole, ARCHITECTURES);
  const config = architecture === 'clip' || architecture === 'siglip' ? whole.part('vision_config') : whole;
  const form = formOf({ config, whole, files });
  const { kind, pooling } = choosePooling(where, form.poolings, options.pooling?.kind);
  const { pool, head, names } = pooling;
  const { scale, size = form.imageSize } = readImageInput(where, files, options);
  const { height, width } = size;
  const encoder = withoutDrawing(
    () =>
      new ImageTower({
        ...form.tower,
        name: quoted(files.name),
        height,
        width,
        scale,
        pool,
        ...(head && { head }),
        seed: 0,
      }),
  );
  try {
    const all = { ...form.names, ...inputNames(form, { height, width }), ...names };
    const ignored = await loadWeights(where, encoder, files, { ...form, names: all });
    return { encoder, architecture, pooling: { kind }, ignored };
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}

/** Names of the patches' weight and of the positions, which are interpolated for images of another size. */
function inputNames({ tower, positions, patches, imageSize }: ImageForm, size: ImageSize): PublishedNames {
  const { patchSize, dim, classToken = false } = tower;
  const gridOf = ({ height, width }: ImageSize): PatchGrid => [
    Math.floor(height / patchSize),
    Math.floor(width / patchSize),
  ];
  const [from, to] = [gridOf(imageSize), gridOf(size)];
  const before = classToken ? 1 : 0;
  const rows = before + from[0] * from[1];
  const isSame = from.join() === to.join();
  return {
    'patches.weight': { names: [patches], layout: { kind: 'patches', channels: 3, size: patchSize } },
    positions: {
      names: [positions.name],
      layout: {
        kind: 'converted',
        shape: positions.leadingAxis ? [1, rows, dim] : [rows, dim],
        convert: (table) => {
          const flat = reshape(table, [rows, dim]);
          return isSame ? flat : resizePositions(flat, { from, to, before, antialias: positions.antialias });
        },
      },
    },
  };
}
