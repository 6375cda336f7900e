import { clipBlockNames, clipSizes } from './clip-blocks.js';
import { readPaddingId } from './padding-id.js';
import type { TextForm, TextSource } from './text-form.js';

const NAMES = {
  embedding: 'text_model.embeddings.token_embedding.weight',
  positions: 'text_model.embeddings.position_embedding.weight',
  ...clipBlockNames('text_model'),
  'transformer.norm': 'text_model.final_layer_norm',
};

/**
 * The text tower of SigLIP (Zhai et al., 2023) and of SigLIP 2 with a fixed image size (Tschannen et al., 2025). It was
 * trained on texts padded to `maxLength`, whose padding it reads, and pools the last position.
 */
export function siglipTextForm({ config, files, options }: TextSource): TextForm {
  const { transformer, dim } = clipSizes(config, {
    dim: 768,
    heads: 12,
    hiddenDim: 3072,
    epsilon: 1e-6,
    activation: 'gelu_pytorch_tanh',
  });
  const vocabularySize = config.whole('vocab_size', 32000);
  return {
    tower: {
      vocabularySize,
      maxLength: config.whole('max_position_embeddings', 64),
      dim,
      transformer,
      readPadding: { id: readPaddingId(config.where, files, options.paddingId, vocabularySize) },
    },
    names: NAMES,
    surplus: /^text_model\.head\.|^vision_model\.|^logit_(scale|bias)$/,
    poolings: {
      lastToken: {
        pool: { kind: 'last' },
        head: { output: { dim: config.whole('projection_size', dim), bias: true, tanh: false } },
        names: { 'head.output': 'text_model.head' },
      },
      mean: { pool: { kind: 'mean' } },
    },
  };
}
