import type { PublishedNames } from '@sifaka/nn';
import { clipBlockNames, clipSizes } from './clip-blocks.js';
import type { ImageForm, ImagePoolingForm, ImageSource } from './image-form.js';
import { readTrainedSize } from './image-input.js';

const PATCHES = 'vision_model.embeddings.patch_embedding.weight';
const POSITIONS = 'vision_model.embeddings.position_embedding.weight';

/** CLIP's image tower (Radford et al., 2021): ViT with a norm before the first block, and none after the last. */
export function clipImageForm({ config, whole, files }: ImageSource): ImageForm {
  const { transformer, dim, epsilon } = clipSizes(config, {
    dim: 768,
    heads: 12,
    hiddenDim: 3072,
    epsilon: 1e-5,
    activation: 'quick_gelu',
  });
  config.only('num_channels', 3);
  const norm = { 'head.norm': 'vision_model.post_layernorm' };
  const projection: ImagePoolingForm = {
    pool: { kind: 'first' },
    head: { normEpsilon: epsilon, output: { dim: whole.whole('projection_dim', 512), bias: false, tanh: false } },
    names: { ...norm, 'head.output': 'visual_projection' },
  };
  // A file of the image tower alone need not have it.
  const isProjected = config !== whole || files.weights.entries.has('visual_projection.weight');
  return {
    tower: {
      patchSize: config.whole('patch_size', 32),
      dim,
      patchBias: false,
      classToken: true,
      preNorm: epsilon,
      transformer: { ...transformer, finalNorm: false },
    },
    imageSize: readTrainedSize(config, 224),
    names: {
      classToken: { names: ['vision_model.embeddings.class_embedding'], layout: { kind: 'converted', shape: [dim] } },
      norm: 'vision_model.pre_layrnorm', // as it is spelled there
      ...clipBlockNames('vision_model'),
    },
    patches: PATCHES,
    positions: { name: POSITIONS, leadingAxis: false, antialias: false },
    surplus: /^(visual_projection|text_projection|text_model|vision_model\.post_layernorm)\.|^logit_scale$/,
    poolings: {
      ...(isProjected && { projection }),
      classification: { pool: { kind: 'first' }, head: { normEpsilon: epsilon }, names: norm },
      mean: { pool: { kind: 'mean' } },
    },
  };
}

/** The image tower of SigLIP (Zhai et al., 2023) and of SigLIP 2 with a fixed image size: no class token. */
export function siglipImageForm({ config }: ImageSource): ImageForm {
  const { transformer, dim, epsilon } = clipSizes(config, {
    dim: 768,
    heads: 12,
    hiddenDim: 3072,
    epsilon: 1e-6,
    activation: 'gelu_pytorch_tanh',
  });
  config.only('num_channels', 3);
  const attention: ImagePoolingForm = {
    pool: {
      kind: 'attention',
      heads: transformer.heads,
      epsilon,
      ...(transformer.hiddenDim !== undefined && { hiddenDim: transformer.hiddenDim }),
      ...(transformer.activation && { activation: transformer.activation }),
    },
    names: attentionNames(dim),
  };
  return {
    tower: { patchSize: config.whole('patch_size', 16), dim, transformer },
    imageSize: readTrainedSize(config, 224),
    names: {
      'patches.bias': 'vision_model.embeddings.patch_embedding.bias',
      ...clipBlockNames('vision_model'),
      'transformer.norm': 'vision_model.post_layernorm',
    },
    patches: PATCHES,
    positions: { name: POSITIONS, leadingAxis: false, antialias: false },
    surplus: /^(text_model|vision_model\.head)\.|^logit_(scale|bias)$/,
    poolings: { ...(config.flag('vision_use_head', true) && { attention }), mean: { pool: { kind: 'mean' } } },
  };
}

/** Its attention packs query, key and value into one matrix, of which the probe needs the first, tokens the rest. */
function attentionNames(dim: number): PublishedNames {
  const head = 'vision_model.head';
  const rows = (from: number, kind: string) =>
    ({ names: [`${head}.attention.in_proj_${kind}`], layout: { kind: 'rows', from, of: 3 * dim } }) as const;
  return {
    'pool.probe': { names: [`${head}.probe`], layout: { kind: 'leadingAxis' } },
    'pool.attention.query.weight': rows(0, 'weight'),
    'pool.attention.query.bias': rows(0, 'bias'),
    'pool.attention.source.weight': rows(dim, 'weight'),
    'pool.attention.source.bias': rows(dim, 'bias'),
    'pool.attention.output': `${head}.attention.out_proj`,
    'pool.norm': `${head}.layernorm`,
    'pool.feedForward.expand': `${head}.mlp.fc1`,
    'pool.feedForward.contract': `${head}.mlp.fc2`,
  };
}
