import { quoted, withoutDrawing } from '@sifaka/nn';
import { TextTower } from '../towers/text-tower.js';
import { bertForm, robertaForm } from './bert.js';
import { chooseArchitecture } from './choose-architecture.js';
import { choosePooling } from './choose-pooling.js';
import { clipTextForm } from './clip-text.js';
import { ConfigReader } from './config-reader.js';
import { distilbertForm } from './distilbert.js';
import { loadWeights } from './load-weights.js';
import type { PretrainedFiles } from './pretrained-files.js';
import { siglipTextForm } from './siglip-text.js';
import type { LoadTextOptions, TextForm, TextPooling, TextSource } from './text-form.js';

const ARCHITECTURES: Readonly<Record<string, (source: TextSource) => TextForm>> = {
  bert: bertForm,
  distilbert: distilbertForm,
  roberta: robertaForm,
  'xlm-roberta': robertaForm,
  clip: clipTextForm,
  clip_text_model: clipTextForm,
  siglip: siglipTextForm,
  siglip_text_model: siglipTextForm,
};

/** `model_type` of the checkpoints that have a text encoder. */
export const TEXT_ARCHITECTURES: readonly string[] = Object.keys(ARCHITECTURES);

/** A text encoder with published weights. */
export interface PublishedTextEncoder {
  readonly encoder: TextTower;
  /** `model_type` of the checkpoint. */
  readonly architecture: string;
  /** What `pooled` is. */
  readonly pooling: TextPooling;
  /** Names of the checkpoint's tensors that the encoder does not use, such as heads of tasks. */
  readonly ignored: readonly string[];
}

/**
 * Makes a text encoder of a checkpoint in Hugging Face's layout. `config.json` names the architecture (`model_type`)
 * and its sizes, and the weights are found by their published names. The values agree with those of `transformers`;
 * there is no dropout. Checkpoints of an image and a text tower (`clip`, `siglip`) give their text tower.
 *
 * | `model_type`              | `pooled` by default | other kinds                |
 * | ------------------------- | ------------------- | -------------------------- |
 * | bert (MiniLM, E5, …)      | `mean`              | `classification`, `pooler` |
 * | roberta, xlm-roberta      | `mean`              | `classification`, `pooler` |
 * | distilbert                | `mean`              | `classification`           |
 * | clip, clip_text_model     | `projection`        | `endOfText`, `mean`        |
 * | siglip, siglip_text_model | `lastToken`         | `mean`                     |
 *
 * A file of CLIP's text tower that has no projection gives `endOfText`.
 *
 * @throws Error naming what is wrong: an unknown architecture or activation, fields of the configuration, weights that
 *   are missing, surplus or of another type. `ShapeError` for a weight of another shape. RangeError for an unknown kind
 *   of pooling or id of padding. All are checked before a weight is read, and nothing stays behind.
 */
export async function loadTextEncoder(
  files: PretrainedFiles,
  options: LoadTextOptions = {},
): Promise<PublishedTextEncoder> {
  const where = `loadTextEncoder: ${quoted(files.name)}`;
  const whole = new ConfigReader(`${where}: config.json`, files.config);
  const [architecture, formOf] = chooseArchitecture(whole, ARCHITECTURES);
  const config = architecture === 'clip' || architecture === 'siglip' ? whole.part('text_config') : whole;
  const form = formOf({ config, whole, files, options });
  const { kind, pooling } = choosePooling(where, form.poolings, options.pooling?.kind);
  const { pool, head, names } = pooling;
  const encoder = withoutDrawing(
    () => new TextTower({ ...form.tower, name: quoted(files.name), pool, ...(head && { head }), seed: 0 }),
  );
  try {
    const ignored = await loadWeights(where, encoder, files, { ...form, names: { ...form.names, ...names } });
    return { encoder, architecture, pooling: { kind }, ignored };
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}
