import { clipBlockNames, clipSizes } from './clip-blocks.js';
import type { PoolingForm, TextForm, TextSource } from './text-form.js';

const NAMES = {
  embedding: 'text_model.embeddings.token_embedding.weight',
  positions: 'text_model.embeddings.position_embedding.weight',
  ...clipBlockNames('text_model'),
  'transformer.norm': 'text_model.final_layer_norm',
};

/** OpenAI's files name this id, which is not the one that ends a text. That one has the largest id. */
const LEGACY_END = 2;

/** CLIP's text tower (Radford et al., 2021): causal, and pooled where the text ends. */
export function clipTextForm({ config, whole, files }: TextSource): TextForm {
  const { transformer, dim } = clipSizes(config, {
    dim: 512,
    heads: 8,
    hiddenDim: 2048,
    epsilon: 1e-5,
    activation: 'quick_gelu',
  });
  const end = config.whole('eos_token_id', 49407, 0);
  const endOfText: PoolingForm = { pool: { kind: 'id', id: end === LEGACY_END ? undefined : end } };
  const projection: PoolingForm = {
    ...endOfText,
    head: { output: { dim: whole.whole('projection_dim', 512), bias: false, tanh: false } },
    names: { 'head.output': 'text_projection' },
  };
  // A file of the text tower alone need not have it.
  const isProjected = config !== whole || files.weights.entries.has('text_projection.weight');
  return {
    tower: {
      vocabularySize: config.whole('vocab_size', 49408),
      maxLength: config.whole('max_position_embeddings', 77),
      dim,
      transformer,
      causal: true,
    },
    names: NAMES,
    surplus: /^(text_projection|visual_projection|vision_model)\.|^logit_scale$/,
    poolings: { ...(isProjected && { projection }), endOfText, mean: { pool: { kind: 'mean' } } },
  };
}
