import { readActivation } from './activation.js';
import type { TextForm, TextSource } from './text-form.js';

const BLOCK = 'transformer.layer.*';

const NAMES = {
  embedding: 'embeddings.word_embeddings.weight',
  positions: 'embeddings.position_embeddings.weight',
  norm: 'embeddings.LayerNorm',
  'transformer.blocks.*.attention.input': ['q', 'k', 'v'].map((name) => `${BLOCK}.attention.${name}_lin`),
  'transformer.blocks.*.attention.output': `${BLOCK}.attention.out_lin`,
  'transformer.blocks.*.attentionNorm': `${BLOCK}.sa_layer_norm`,
  'transformer.blocks.*.feedForward.expand': `${BLOCK}.ffn.lin1`,
  'transformer.blocks.*.feedForward.contract': `${BLOCK}.ffn.lin2`,
  'transformer.blocks.*.feedForwardNorm': `${BLOCK}.output_layer_norm`,
};

/** Its files do not name it. */
const EPSILON = 1e-12;

/** DistilBERT (Sanh et al., 2019): BERT without types of tokens and without a pooler. */
export function distilbertForm({ config }: TextSource): TextForm {
  return {
    tower: {
      vocabularySize: config.whole('vocab_size'),
      maxLength: config.whole('max_position_embeddings'),
      dim: config.whole('dim'),
      embeddingNorm: EPSILON,
      transformer: {
        depth: config.whole('n_layers'),
        heads: config.whole('n_heads'),
        hiddenDim: config.whole('hidden_dim'),
        norm: { kind: 'post', epsilon: EPSILON },
        activation: readActivation(config, 'gelu', 'activation'),
      },
    },
    names: NAMES,
    prefixes: ['', 'distilbert.'],
    poolings: { mean: { pool: { kind: 'mean' } }, classification: { pool: { kind: 'first' } } },
  };
}
