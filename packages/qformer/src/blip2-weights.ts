import { type NamedParameters, type SafetensorsEntry, ShapeError } from '@sifaka/nn';
import { concat, reshape, type Tensor, tensor, tidy, transpose, type Variable } from '@tensorflow/tfjs-core';
import type { FusionQFormer } from './fusion-qformer.js';

export interface Blip2WeightsOptions {
  /**
   * What stands before the Q-Former's names, `'qformer.'` in a file of a whole BLIP-2. Names without it, other than
   * `query_tokens`, then belong to other parts and are ignored. Default `''`: every name belongs to the Q-Former.
   */
  readonly prefix?: string;
}

/** Our path of a layer's part, and the names of the tensors side by side in it. */
const LAYER_PARTS: readonly (readonly [part: string, names: readonly string[]])[] = [
  ['attention.input', ['query', 'key', 'value'].map((name) => `attention.attention.${name}`)],
  ['attention.output', ['attention.output.dense']],
  ['norm', ['attention.output.LayerNorm']],
  ['cross.query', ['crossattention.attention.query']],
  ['cross.source', ['key', 'value'].map((name) => `crossattention.attention.${name}`)],
  ['cross.output', ['crossattention.output.dense']],
  ['crossNorm', ['crossattention.output.LayerNorm']],
  ['feedForward.expand', ['intermediate_query.dense']],
  ['feedForward.contract', ['output_query.dense']],
  ['feedForwardNorm', ['output_query.LayerNorm']],
];

/** Parts that BLIP-2's Q-Former does not have. They keep their values. */
const OURS = /^(output|types$|projections|positions)/;

/**
 * Sets the weights of a {@link FusionQFormer} of `blip2Form` from those of BLIP-2's Q-Former, as Hugging Face
 * `transformers` names them (`Blip2QFormerModel`, with `query_tokens`):
 * `encoder.layer.0.attention.attention.query.weight`. `readSafetensors` of `@sifaka/nn` reads the file.
 *
 * The map to the fused vector (`output`), type and position embeddings and projections are not BLIP-2's, and keep their
 * values. The file does not tell the number of heads.
 *
 * @throws Error naming the weights that are missing, surplus or not F32, {@link ShapeError} for one of another shape.
 *   No weight of the model is changed then.
 */
export function importBlip2Weights(
  model: FusionQFormer,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  { prefix = '' }: Blip2WeightsOptions = {},
): void {
  const plan = planImport(model.parameters, prefix);
  const expected = new Set(plan.flatMap(({ names }) => names));
  const missing = [...expected].filter((name) => !tensors.has(name));
  if (missing.length > 0) fail(`weights named ${listed(missing)}`, 'none');
  const surplus = [...tensors.keys()].filter((name) => name.startsWith(prefix) && !expected.has(name));
  if (surplus.length > 0) fail('only the weights of this model', listed(surplus));
  for (const { variable, names } of plan) {
    const shape = sourceShape(variable, names);
    for (const name of names) {
      const { shape: got, dtype } = tensors.get(name)!;
      if (got.join() !== shape.join()) {
        throw new ShapeError(`importBlip2Weights: ${name}`, `[${shape.join(', ')}]`, got);
      }
      if (dtype !== 'F32') throw new Error(`importBlip2Weights: ${name}: expected F32, got ${dtype}`);
    }
  }
  for (const { variable, names } of plan) {
    tidy(() => {
      const parts = names.map((name) => ourLayout(tensors.get(name)!));
      variable.assign(reshape(concat(parts, -1), variable.shape));
    });
  }
}

interface PlannedVariable {
  readonly variable: Variable;
  /** Of the tensors that stand side by side in it. */
  readonly names: readonly string[];
}

/** @throws Error naming a weight of the model that no BLIP-2 Q-Former has. */
function planImport(parameters: NamedParameters, prefix: string): PlannedVariable[] {
  const plan: PlannedVariable[] = [];
  for (const [path, variable] of parameters) {
    if (OURS.test(path)) continue;
    const names = namesOf(path)?.map((name) => (name === 'query_tokens' ? name : `${prefix}${name}`));
    if (names === undefined) fail('a model of blip2Form', `one with ${path}`);
    plan.push({ variable, names });
  }
  return plan;
}

/** `layers.0.norm.scale` → `['encoder.layer.0.attention.output.LayerNorm.weight']` */
function namesOf(path: string): readonly string[] | undefined {
  if (path === 'queries') return ['query_tokens'];
  const [, place, kind] = /^(.+)\.(\w+)$/.exec(path) ?? [];
  const suffix = kind === 'weight' || kind === 'scale' ? 'weight' : 'bias';
  if (place === 'queryNorm') return [`layernorm.${suffix}`];
  const [, layer, part] = /^layers\.(\d+)\.(.+)$/.exec(place ?? '') ?? [];
  const names = LAYER_PARTS.find(([ours]) => ours === part)?.[1];
  return names?.map((name) => `encoder.layer.${layer}.${name}.${suffix}`);
}

/** PyTorch's matrices are `[out, in]`, ours are `[in, out]`. */
function sourceShape({ shape }: Variable, names: readonly string[]): readonly number[] {
  if (names[0] === 'query_tokens') return [1, ...shape];
  const width = shape.at(-1)! / names.length;
  return shape.length === 1 ? [width] : [width, shape[0]!];
}

function ourLayout({ data, shape }: SafetensorsEntry): Tensor {
  const values = tensor(data as Float32Array, [...shape]);
  return shape.length === 2 ? transpose(values) : values;
}

const MOST_LISTED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function fail(expected: string, got: string): never {
  throw new Error(`importBlip2Weights: expected ${expected}, got ${got}`);
}
