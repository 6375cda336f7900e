import type { PublishedNames, TransformerOptions } from '@sifaka/nn';
import { readActivation } from './activation.js';
import type { ConfigReader } from './config-reader.js';

export interface ClipDefaults {
  readonly dim: number;
  readonly heads: number;
  readonly hiddenDim: number;
  readonly epsilon: number;
  readonly activation: string;
}

export interface ClipSizes {
  readonly dim: number;
  readonly epsilon: number;
  readonly transformer: Omit<TransformerOptions, 'dim' | 'seed'>;
}

/** The transformer of a tower of CLIP or SigLIP. Their files leave out what has the default value. */
export function clipSizes(config: ConfigReader, defaults: ClipDefaults): ClipSizes {
  const epsilon = config.positive('layer_norm_eps', defaults.epsilon);
  return {
    dim: config.whole('hidden_size', defaults.dim),
    epsilon,
    transformer: {
      depth: config.whole('num_hidden_layers', 12),
      heads: config.whole('num_attention_heads', defaults.heads),
      hiddenDim: config.whole('intermediate_size', defaults.hiddenDim),
      norm: { kind: 'pre', epsilon },
      activation: readActivation(config, defaults.activation),
    },
  };
}

/** Names of its blocks. @param tower `text_model` or `vision_model` */
export function clipBlockNames(tower: string): PublishedNames {
  const block = `${tower}.encoder.layers.*`;
  return {
    'transformer.blocks.*.attentionNorm': `${block}.layer_norm1`,
    'transformer.blocks.*.attention.input': ['q', 'k', 'v'].map((name) => `${block}.self_attn.${name}_proj`),
    'transformer.blocks.*.attention.output': `${block}.self_attn.out_proj`,
    'transformer.blocks.*.feedForwardNorm': `${block}.layer_norm2`,
    'transformer.blocks.*.feedForward.expand': `${block}.mlp.fc1`,
    'transformer.blocks.*.feedForward.contract': `${block}.mlp.fc2`,
  };
}
