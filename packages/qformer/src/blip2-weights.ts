import { type PublishedNames, planWeights, type SafetensorsEntry } from '@sifaka/nn';
import type { FusionQFormer } from './fusion-qformer.js';

export interface Blip2WeightsOptions {
  /**
   * What stands before the Q-Former's names, `'qformer.'` in a file of a whole BLIP-2. Names without it, other than
   * `query_tokens`, then belong to other parts and are ignored. Default `''`: every name belongs to the Q-Former.
   */
  readonly prefix?: string;
}

function blip2Names(prefix: string): PublishedNames {
  const layer = `${prefix}encoder.layer.*`;
  return {
    queries: { names: ['query_tokens'], layout: { kind: 'leadingAxis' } },
    queryNorm: `${prefix}layernorm`,
    'layers.*.attention.input': ['query', 'key', 'value'].map((name) => `${layer}.attention.attention.${name}`),
    'layers.*.attention.output': `${layer}.attention.output.dense`,
    'layers.*.norm': `${layer}.attention.output.LayerNorm`,
    'layers.*.cross.query': `${layer}.crossattention.attention.query`,
    'layers.*.cross.source': ['key', 'value'].map((name) => `${layer}.crossattention.attention.${name}`),
    'layers.*.cross.output': `${layer}.crossattention.output.dense`,
    'layers.*.crossNorm': `${layer}.crossattention.output.LayerNorm`,
    'layers.*.feedForward.expand': `${layer}.intermediate_query.dense`,
    'layers.*.feedForward.contract': `${layer}.output_query.dense`,
    'layers.*.feedForwardNorm': `${layer}.output_query.LayerNorm`,
  };
}

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
 * @throws Error naming the weights that are missing, surplus or not F32, `ShapeError` for one of another shape. No
 *   weight of the model is changed then.
 */
export function importBlip2Weights(
  model: FusionQFormer,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  { prefix = '' }: Blip2WeightsOptions = {},
): void {
  const { imports } = planWeights({
    where: 'importBlip2Weights',
    parameters: new Map([...model.parameters].filter(([path]) => !OURS.test(path))),
    names: blip2Names(prefix),
    entries: tensors,
    isSurplus: (name) => !name.startsWith(prefix),
  });
  for (const { names, assign } of imports) assign(names.map((name) => tensors.get(name)!.data as Float32Array));
}
