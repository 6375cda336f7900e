import type { PixelScale } from '../../towers/pixel-scale.js';
import type { ImageSize } from '../image-size.js';
import type { ImagePlan } from './image-plan.js';
import type { ResampleFilter } from './resample.js';

/** What preprocessor_config.json says. */
export interface PublishedProcessing {
  /** Of all images that it makes. Undefined: they have many sizes. */
  readonly size: ImageSize | undefined;
  readonly plan: ImagePlan;
  readonly scale: PixelScale;
}

type Json = Readonly<Record<string, unknown>>;

interface Defaults {
  readonly size: Json;
  readonly crop?: number;
  readonly resample: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const HALVES = [0.5, 0.5, 0.5];
const CLIP = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };

/** Defaults of the classes in transformers, by their names without `Processor`, `FeatureExtractor` and `Fast`. */
const DEFAULTS: Readonly<Record<string, Defaults>> = {
  ViTImage: { size: { height: 224, width: 224 }, resample: 2, mean: HALVES, std: HALVES },
  CLIPImage: { size: { shortest_edge: 224 }, crop: 224, resample: 3, ...CLIP },
  SiglipImage: { size: { height: 224, width: 224 }, resample: 3, mean: HALVES, std: HALVES },
  BitImage: { size: { shortest_edge: 224 }, crop: 224, resample: 3, ...CLIP },
};

/** For files that name no class, as transformers chooses it by `model_type` of config.json. */
const BY_MODEL: Readonly<Record<string, string>> = {
  vit: 'ViTImage',
  clip: 'CLIPImage',
  clip_vision_model: 'CLIPImage',
  siglip: 'SiglipImage',
  siglip_vision_model: 'SiglipImage',
  dinov2: 'BitImage',
  dinov2_with_registers: 'BitImage',
};

const FILTERS: Readonly<Record<number, ResampleFilter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };

/** Settings that do not change pixels, or that this package always follows (`do_convert_rgb`). */
const HARMLESS = new Set(
  (
    'image_processor_type feature_extractor_type processor_class _processor_class auto_map _valid_processor_keys ' +
    'do_convert_rgb default_to_square data_format input_data_format return_tensors device disable_grouping backend'
  ).split(' '),
);

const READ = new Set(
  'size crop_size resample do_resize do_center_crop do_rescale do_normalize rescale_factor image_mean image_std'.split(
    ' ',
  ),
);

/**
 * Reads preprocessor_config.json. What it does not say is as in its class.
 *
 * @param where prefix of messages
 * @param modelType `model_type` of config.json
 * @throws RangeError naming the processor or the setting that is unknown or out of range.
 */
export function readProcessor(where: string, config: Json, modelType?: unknown): PublishedProcessing {
  const refuse = (setting: string, expected: string): RangeError =>
    new RangeError(`${where}: ${setting}: expected ${expected}, got ${JSON.stringify(config[setting]) ?? 'none'}`);
  const type = config['image_processor_type'] ?? config['feature_extractor_type'];
  const kind = typeof type === 'string' ? kindOf(type) : BY_MODEL[String(modelType)];
  const defaults = kind === undefined ? undefined : DEFAULTS[kind];
  if (defaults === undefined) {
    const known = Object.keys(DEFAULTS).map((each) => `${each}Processor`);
    throw refuse('image_processor_type', `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`);
  }
  for (const [setting, value] of Object.entries(config)) {
    const isOff = value === null || value === false;
    if (!READ.has(setting) && !HARMLESS.has(setting) && !isOff) throw refuse(setting, 'no such setting');
  }
  const flag = (setting: string, otherwise: boolean): boolean => {
    const value = config[setting] ?? otherwise;
    if (typeof value !== 'boolean') throw refuse(setting, 'true or false');
    return value;
  };
  const numbers = (setting: string, otherwise: readonly number[]): [number, number, number] => {
    const value = (config[setting] ?? otherwise) as readonly number[];
    if (!Array.isArray(value) || value.length !== 3 || !value.every(Number.isFinite)) {
      throw refuse(setting, '3 numbers');
    }
    return [value[0]!, value[1]!, value[2]!];
  };

  const filter = FILTERS[(config['resample'] ?? defaults.resample) as number];
  if (filter === undefined) throw refuse('resample', '1 (lanczos), 2 (bilinear) or 3 (bicubic)');
  const to = resizeTarget(config['size'] ?? defaults.size, 'shortest_edge' in defaults.size);
  if (to === undefined) throw refuse('size', 'height and width, or shortest_edge, of 1 to 16384 pixels');
  const crop = resizeTarget(config['crop_size'] ?? defaults.crop, false);
  const crops = flag('do_center_crop', defaults.crop !== undefined);
  if (crops && crop?.kind !== 'exact') throw refuse('crop_size', 'height and width of 1 to 16384 pixels');
  const plan: ImagePlan = {
    ...(flag('do_resize', true) && { resize: { to, filter } }),
    ...(crops && crop?.kind === 'exact' && { crop: crop.size }),
  };
  const size = plan.crop ?? (plan.resize?.to.kind === 'exact' ? plan.resize.to.size : undefined);

  const rescale = flag('do_rescale', true) ? (config['rescale_factor'] ?? 1 / 255) : 1;
  if (typeof rescale !== 'number' || !(rescale > 0)) throw refuse('rescale_factor', 'a number above 0');
  const normalizes = flag('do_normalize', true);
  const deviation: PixelScale['deviation'] = normalizes ? numbers('image_std', defaults.std) : [1, 1, 1];
  if (deviation.includes(0)) throw refuse('image_std', 'numbers other than 0');
  const mean: PixelScale['mean'] = normalizes ? numbers('image_mean', defaults.mean) : [0, 0, 0];
  return { size, plan, scale: { rescale, mean, deviation } };
}

function kindOf(type: string): string {
  return type
    .replace(/Fast$/, '')
    .replace(/FeatureExtractor$/, 'ImageProcessor')
    .replace(/Processor$/, '');
}

/** Early files have one number: the shortest edge, or both sides. */
function resizeTarget(size: unknown, shortest: boolean): NonNullable<ImagePlan['resize']>['to'] | undefined {
  const isSide = (side: unknown): side is number => Number.isInteger(side) && Number(side) > 0 && Number(side) <= 16384;
  if (isSide(size)) {
    return shortest ? { kind: 'shortestEdge', length: size } : { kind: 'exact', size: { height: size, width: size } };
  }
  if (typeof size !== 'object' || size === null) return undefined;
  const { height, width, shortest_edge: edge, ...others } = size as Json;
  if (Object.values(others).some((value) => value !== null)) return undefined;
  const none = (value: unknown): boolean => value === undefined || value === null;
  if (isSide(height) && isSide(width) && none(edge)) return { kind: 'exact', size: { height, width } };
  return isSide(edge) && none(height) && none(width) ? { kind: 'shortestEdge', length: edge } : undefined;
}
