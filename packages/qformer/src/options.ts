/** What the queries attend to. */
export type AttentionOptions =
  /** EM3: queries and tokens form one sequence with joint self-attention. */
  | { readonly kind: 'joint' }
  /** BLIP-2: queries attend to each other in every layer, and to the tokens in some. */
  | {
      readonly kind: 'cross';
      /** The first of every `every` layers has cross-attention. Default 2, as in BLIP-2. 1: every layer. */
      readonly every?: number;
      /** Width of the tokens as the layers read them. Default `dim`. */
      readonly tokenDim?: number;
    };

/** Where the layer norms are. */
export interface NormOptions {
  /**
   * `'post'`: `X ← LayerNorm(part(X) + X)`, as in EM3 and BERT. `'pre'`: `X ← part(LayerNorm(X)) + X`, with one more
   * norm of the queries after the last layer.
   */
  readonly kind: 'post' | 'pre';
  /** Above 0. Default 1e-5, as in EM3. BERT and BLIP-2 have 1e-12. */
  readonly epsilon?: number;
  /** Also normalises the learned queries before the first layer, as BLIP-2 does. Default false. */
  readonly queries?: boolean;
}

export interface FusionQFormerOptions<Name extends string = string> {
  /**
   * Names of the modalities, in the order of their tokens. Their tokens must have the width that the layers read.
   *
   * Or the width of each modality's tokens by name: `{ image: 4096, text: 384 }`. Then a linear map per modality takes
   * them to the width that the layers read.
   */
  readonly modalities: readonly Name[] | Readonly<Record<Name, number>>;
  /** Width of the queries and of the layers. */
  readonly dim: number;
  /** Number of learned queries. EM3's public experiments use 1 or 2. Default 2. */
  readonly numQueries?: number;
  /** Number of layers. Default 1, as in EM3's public experiments. */
  readonly depth?: number;
  /** Attention heads, which must divide `dim`. Default 4, as in EM3's public experiments. */
  readonly heads?: number;
  /** Width of the fused vector. Default `dim`. */
  readonly outputDim?: number;
  /** Default `{ kind: 'joint' }`. */
  readonly attention?: AttentionOptions;
  /**
   * Adds a learned vector per modality to its tokens. EM3's code has none. Default true: without it, only content tells
   * image and text tokens apart.
   */
  readonly typeEmbeddings?: boolean;
  /**
   * Adds a learned vector per position to the tokens of the modalities named here: `{ text: 32 }` for at most 32 text
   * tokens. EM3's code has none. Default none: the order of tokens within a modality does not matter.
   */
  readonly positionEmbeddings?: Readonly<Partial<Record<NoInfer<Name>, number>>>;
  /**
   * Adds a feed-forward part (exact GELU) to each layer, of inner width `hiddenDim`, `4 · dim` for true. EM3's code has
   * none. Default false.
   */
  readonly feedForward?: boolean | { readonly hiddenDim: number };
  /** Default `{ kind: 'post', epsilon: 1e-5 }`. */
  readonly norm?: NormOptions;
  /** The attention's scale is `1/√(dim / heads + scaleEpsilon)`. EM3's code has 1e-5. Default 0. */
  readonly scaleEpsilon?: number;
  /** Dropout rate after each attention. EM3's public experiments use 0.5 or 0.8 on frozen features. Default 0. */
  readonly dropout?: number;
  readonly seed: number;
}
