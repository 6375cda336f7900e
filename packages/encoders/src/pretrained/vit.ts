import type { PublishedNames } from '@sifaka/nn';
import { readActivation } from './activation.js';
import type { ImageForm, ImageSource } from './image-form.js';
import { readTrainedSize } from './image-input.js';

const BLOCK = 'encoder.layer.*';

const EMBEDDINGS: PublishedNames = {
  'patches.bias': 'embeddings.patch_embeddings.projection.bias',
  classToken: { names: ['embeddings.cls_token'], layout: { kind: 'leadingAxis' } },
  'transformer.blocks.*.attention.input': ['query', 'key', 'value'].map(
    (name) => `${BLOCK}.attention.attention.${name}`,
  ),
  'transformer.blocks.*.attention.output': `${BLOCK}.attention.output.dense`,
  'transformer.norm': 'layernorm',
};

const PATCHES = 'embeddings.patch_embeddings.projection.weight';
const POSITIONS = 'embeddings.position_embeddings';

/** ViT (Dosovitskiy et al., 2021). */
export function vitForm({ config }: ImageSource): ImageForm {
  const epsilon = config.positive('layer_norm_eps', 1e-12);
  const dim = config.whole('hidden_size');
  config.only('qkv_bias', true);
  config.only('num_channels', 3);
  return {
    tower: {
      patchSize: config.whole('patch_size'),
      dim,
      classToken: true,
      transformer: {
        depth: config.whole('num_hidden_layers'),
        heads: config.whole('num_attention_heads'),
        hiddenDim: config.whole('intermediate_size'),
        norm: { kind: 'pre', epsilon },
        activation: readActivation(config, 'gelu'),
      },
    },
    imageSize: readTrainedSize(config),
    names: {
      ...EMBEDDINGS,
      'transformer.blocks.*.attentionNorm': `${BLOCK}.layernorm_before`,
      'transformer.blocks.*.feedForwardNorm': `${BLOCK}.layernorm_after`,
      'transformer.blocks.*.feedForward.expand': `${BLOCK}.intermediate.dense`,
      'transformer.blocks.*.feedForward.contract': `${BLOCK}.output.dense`,
    },
    patches: PATCHES,
    positions: { name: POSITIONS, leadingAxis: true, antialias: false },
    prefixes: ['', 'vit.'],
    surplus: /^pooler\./,
    poolings: {
      classification: { pool: { kind: 'first' } },
      mean: { pool: { kind: 'mean' } },
      pooler: {
        pool: { kind: 'first' },
        head: { output: { dim: config.whole('pooler_output_size', dim), bias: true, tanh: true } },
        names: { 'head.output': 'pooler.dense' },
      },
    },
  };
}

/** DINOv2 (Oquab et al., 2023): ViT with LayerScale. */
export function dinov2Form(source: ImageSource): ImageForm {
  return dinov2(source, 0, ['', 'dinov2.'], false);
}

/** DINOv2 with registers (Darcet et al., 2024): learned tokens that stand between the class token and the patches. */
export function dinov2WithRegistersForm(source: ImageSource): ImageForm {
  const registers = source.config.whole('num_register_tokens', 4);
  return dinov2(source, registers, ['', 'dinov2_with_registers.'], true);
}

function dinov2(
  { config }: ImageSource,
  registers: number,
  prefixes: readonly string[],
  antialias: boolean,
): ImageForm {
  const epsilon = config.positive('layer_norm_eps', 1e-6);
  const dim = config.whole('hidden_size');
  for (const [field, value] of [
    ['use_swiglu_ffn', false], // the giant ones
    ['qkv_bias', true],
    ['num_channels', 3],
  ] as const) {
    config.only(field, value);
  }
  return {
    tower: {
      patchSize: config.whole('patch_size'),
      dim,
      classToken: true,
      registers,
      transformer: {
        depth: config.whole('num_hidden_layers'),
        heads: config.whole('num_attention_heads'),
        hiddenDim: dim * config.whole('mlp_ratio', 4),
        norm: { kind: 'pre', epsilon },
        activation: readActivation(config, 'gelu'),
        layerScale: 1,
      },
    },
    imageSize: readTrainedSize(config),
    names: {
      ...EMBEDDINGS,
      registers: { names: ['embeddings.register_tokens'], layout: { kind: 'leadingAxis' } },
      'transformer.blocks.*.attentionNorm': `${BLOCK}.norm1`,
      'transformer.blocks.*.attentionScale': `${BLOCK}.layer_scale1.lambda1`,
      'transformer.blocks.*.feedForwardNorm': `${BLOCK}.norm2`,
      'transformer.blocks.*.feedForwardScale': `${BLOCK}.layer_scale2.lambda1`,
      'transformer.blocks.*.feedForward.expand': `${BLOCK}.mlp.fc1`,
      'transformer.blocks.*.feedForward.contract': `${BLOCK}.mlp.fc2`,
    },
    patches: PATCHES,
    positions: { name: POSITIONS, leadingAxis: true, antialias },
    prefixes,
    poolings: { classification: { pool: { kind: 'first' } }, mean: { pool: { kind: 'mean' } } },
  };
}
