import type { FusionQFormerOptions } from './options.js';

/** What EM3's public code leaves open, with the same defaults as {@link FusionQFormerOptions}. */
export type PublicFormOptions<Name extends string> = Pick<
  FusionQFormerOptions<Name>,
  'modalities' | 'dim' | 'numQueries' | 'depth' | 'heads' | 'outputDim' | 'dropout' | 'seed'
>;

/**
 * Options of EM3's Fusion-Q-Former exactly as its public code has it: joint self-attention over `[queries; tokens]`,
 * `softmax(Q Kᵀ / √(dim / heads + 1e-5))`, post-norm with ε = 1e-5, no feed-forward part, and no type or position
 * embeddings. The queries' rows are flattened and pass through one linear map.
 *
 * Its experiments have one token per modality, `modalities: { image: 4096, text: 384 }`, `dim: 64`, 4 heads, one layer,
 * 1 or 2 queries, and a dropout of 0.5 or 0.8.
 */
export function publicForm<const Name extends string>(options: PublicFormOptions<Name>): FusionQFormerOptions<Name> {
  const { modalities, dim, numQueries = 2, depth = 1, heads = 4, outputDim = dim, dropout = 0, seed } = options;
  return {
    modalities,
    dim,
    numQueries,
    depth,
    heads,
    outputDim,
    attention: { kind: 'joint' },
    typeEmbeddings: false,
    feedForward: false,
    norm: { kind: 'post', epsilon: 1e-5, queries: false },
    scaleEpsilon: 1e-5,
    dropout,
    seed,
  };
}

/** Sizes of a BLIP-2 Q-Former. The names of `transformers`' `Blip2QFormerConfig` are in brackets. */
export interface Blip2FormOptions<Name extends string>
  extends Pick<FusionQFormerOptions<Name>, 'modalities' | 'outputDim' | 'dropout' | 'seed'> {
  /** Default 768 (`hidden_size`). */
  readonly dim?: number;
  /** Default 32 (`num_query_tokens`). */
  readonly numQueries?: number;
  /** Default 12 (`num_hidden_layers`). */
  readonly depth?: number;
  /** Default 12 (`num_attention_heads`). */
  readonly heads?: number;
  /** Width of the tokens that cross-attention reads. Default 1408 (`encoder_hidden_size`). */
  readonly tokenDim?: number;
  /** Default 2 (`cross_attention_frequency`). */
  readonly every?: number;
  /** Default 3072 (`intermediate_size`). */
  readonly hiddenDim?: number;
}

/**
 * Options of BLIP-2's Q-Former (arXiv 2301.12597): BERT layers whose queries attend to each other, and in every second
 * layer to the image tokens. Post-norm with ε = 1e-12, a norm of the queries before the first layer, feed-forward parts
 * with exact GELU, no type or position embeddings. `importBlip2Weights` sets its weights.
 *
 * The branch for text is left out. So is dropout inside the feed-forward parts.
 */
export function blip2Form<const Name extends string>(options: Blip2FormOptions<Name>): FusionQFormerOptions<Name> {
  const { dim = 768, numQueries = 32, depth = 12, heads = 12, tokenDim = 1408, every = 2, hiddenDim = 3072 } = options;
  const { modalities, outputDim = dim, dropout = 0, seed } = options;
  return {
    modalities,
    dim,
    numQueries,
    depth,
    heads,
    outputDim,
    attention: { kind: 'cross', every, tokenDim },
    typeEmbeddings: false,
    feedForward: { hiddenDim },
    norm: { kind: 'post', epsilon: 1e-12, queries: true },
    scaleEpsilon: 0,
    dropout,
    seed,
  };
}
