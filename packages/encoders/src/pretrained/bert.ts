import { readActivation } from './activation.js';
import type { ConfigReader } from './config-reader.js';
import type { PoolingForm, TextForm, TextSource } from './text-form.js';

const BLOCK = 'encoder.layer.*';

const NAMES = {
  embedding: 'embeddings.word_embeddings.weight',
  positions: 'embeddings.position_embeddings.weight',
  types: 'embeddings.token_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
  'transformer.blocks.*.attention.input': ['query', 'key', 'value'].map((name) => `${BLOCK}.attention.self.${name}`),
  'transformer.blocks.*.attention.output': `${BLOCK}.attention.output.dense`,
  'transformer.blocks.*.attentionNorm': `${BLOCK}.attention.output.LayerNorm`,
  'transformer.blocks.*.feedForward.expand': `${BLOCK}.intermediate.dense`,
  'transformer.blocks.*.feedForward.contract': `${BLOCK}.output.dense`,
  'transformer.blocks.*.feedForwardNorm': `${BLOCK}.output.LayerNorm`,
};

/** BERT (Devlin et al., 2019), and MiniLM, E5 and others that have its form. */
export function bertForm({ config }: TextSource): TextForm {
  return {
    tower: { ...bertTower(config), maxLength: config.whole('max_position_embeddings') },
    names: NAMES,
    prefixes: ['', 'bert.'],
    surplus: /^pooler\./,
    poolings: bertPoolings(config),
  };
}

/** RoBERTa (Liu et al., 2019) and XLM-R (Conneau et al., 2020): BERT, with positions after that of padding. */
export function robertaForm({ config }: TextSource): TextForm {
  const firstPosition = config.whole('pad_token_id', 1, 0) + 1;
  const rows = config.whole('max_position_embeddings', undefined, firstPosition + 1);
  return {
    tower: { ...bertTower(config), firstPosition, maxLength: rows - firstPosition },
    names: NAMES,
    prefixes: ['', 'roberta.'],
    surplus: /^pooler\./,
    poolings: bertPoolings(config),
  };
}

function bertTower(config: ConfigReader): Omit<TextForm['tower'], 'maxLength'> {
  config.only('position_embedding_type', 'absolute');
  config.only('is_decoder', false);
  config.only('add_cross_attention', false);
  const epsilon = config.positive('layer_norm_eps', 1e-12);
  return {
    vocabularySize: config.whole('vocab_size'),
    dim: config.whole('hidden_size'),
    tokenTypes: config.whole('type_vocab_size', 2),
    oneType: true,
    embeddingNorm: epsilon,
    transformer: {
      depth: config.whole('num_hidden_layers'),
      heads: config.whole('num_attention_heads'),
      hiddenDim: config.whole('intermediate_size'),
      norm: { kind: 'post', epsilon },
      activation: readActivation(config, 'gelu'),
    },
  };
}

function bertPoolings(config: ConfigReader): TextForm['poolings'] {
  const pooler: PoolingForm = {
    pool: { kind: 'first' },
    head: { output: { dim: config.whole('hidden_size'), bias: true, tanh: true } },
    names: { 'head.output': 'pooler.dense' },
  };
  return { mean: { pool: { kind: 'mean' } }, classification: { pool: { kind: 'first' } }, pooler };
}
