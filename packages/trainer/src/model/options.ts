/**
 * Where the query tower's texts are from. `'samples'`: each sample's own query (`samples.queries`), as in LEMUR's search. `'likedTitles'`: the titles
 * that the user liked last, where the data have no queries: the item-to-item form of its authors' recommendation.
 */
export type QuerySource = 'likedTitles' | 'samples';

/** How the content encoders look. All widths are `dim` of {@link RankerOptions}. */
export interface ContentOptions {
  /** Side of an image patch in pixels. */
  readonly patchSize: number;
  readonly imageDepth: number;
  readonly textDepth: number;
  readonly heads: number;
  /** Learned queries and layers of the Fusion-Q-Former. */
  readonly fusionQueries: number;
  readonly fusionDepth: number;
  /** Layers of the query encoder. LEMUR's has 2, the presets 1. */
  readonly queryDepth: number;
  readonly query: QuerySource;
  /** How many of the user's latest liked items make the query text; of `'likedTitles'` only. */
  readonly queryItems: number;
}

/** LEMUR's contrastive loss. */
export interface SqdcTrainingOptions {
  /** λ. The paper does not state it. */
  readonly weight: number;
  /** `T`, which multiplies the cosine. */
  readonly temperature: number;
  readonly negatives: 'positives' | 'all';
  readonly maskSession: boolean;
  /** Further masks and the paper's sum, as {@link SqdcOptions} of @sifaka/losses has them, with its defaults. */
  readonly maskSameItem?: boolean;
  readonly maskHistory?: boolean;
  readonly maskExposed?: boolean;
  readonly reduction?: 'mean' | 'sum';
  /** Subtracts the batch's mean vectors before the cosines; not in the paper. Without it young encoders stay at chance. */
  readonly centre: boolean;
}

/** Which of a batch's candidates are encoded (LEMUR, Table 4). */
export interface SamplingOptions {
  /** p: share of the distinct candidates that run the content encoders. Candidates that the bank does not know always do. */
  readonly forward: number;
  /** q ≤ p: share that is also learned from. */
  readonly backward: number;
  /** Spares what is known well. Default: none is spared. */
  readonly hot?: HotContentOptions;
  /**
   * Items that each step encodes anew beside its candidates, forward only: those whose vectors are the oldest and are read most. The paper
   * names such vectors as its limit; the budget is ours. It looks at every row of the bank in every step. Default 0.
   */
  readonly refreshBudget?: number;
  /** Encodes all train items before the first step, so that the bank misses nothing; ours. Default false. */
  readonly warmUp?: boolean;
}

/**
 * "Hot content is refreshed with 10 % probability" (the LEMUR team, of their production system; not in the paper). What counts as hot is
 * ours: an item that the bank has been given many times.
 */
export interface HotContentOptions {
  /** An item is hot from so many writings on. */
  readonly writings: number;
  /** Probability that a hot candidate takes part in the draw at all; the team's is 0.1. */
  readonly rate: number;
}

export interface OptimizerOptions {
  /** Peak learning rate of the ranker. */
  readonly learningRate: number;
  /** Peak learning rate of the content and query encoders. A high one leaves the bank stale. */
  readonly encoderLearningRate: number;
  /** Peak learning rate of the id tables. */
  readonly tableLearningRate: number;
  readonly weightDecay: number;
  readonly tableWeightDecay: number;
  readonly warmupSteps: number;
  /** Gradients longer than this are shortened to it. */
  readonly clipNorm: number;
}

/** Which multimodal sequences are read from the bank, and what of them. */
export interface SequenceOptions {
  /** The vectors of the `historyLength` items that the user liked last, the paper's short sequence, and of the disliked ones among `met`. */
  readonly short: boolean;
  /** How many liked items before those are read as a second, long sequence; the paper's longest has 1,000. 0: none. */
  readonly long: number;
  /**
   * How many of the items that the user met last, liked or not, are read with their labels: the ids of the disliked ones, their vectors if
   * the short sequence is on, and how many were liked. Ours: the paper reads clicks alone, and likes alone do not tell who likes much from
   * who rates much. 0: none.
   */
  readonly met: number;
  /** The similarity module: cosines of the candidate with each sequence. */
  readonly similarity: boolean;
}

/** EM3's content-ID contrast beside LEMUR's own losses (a row of LEMUR's Table 5). */
export interface CicTrainingOptions {
  /** 0: none. */
  readonly weight: number;
  /** `1 / τ`, which multiplies the cosine. */
  readonly temperature: number;
}

/** Everything that describes a {@link MultimodalRanker}; a preset is a function that returns one of these. */
export interface RankerOptions {
  readonly preset: string;
  readonly seed: number;
  /** Encoders of images and text. Absent: an id-only model. */
  readonly content?: ContentOptions;
  /** Joint training: encoders learn in every step. Off: they learn in `pretrainSteps` only (two-stage). */
  readonly trainEncoders: boolean;
  /** Whether the ranking loss reaches the encoders. Off, SQDC alone trains them: the paper's "stop-gradient on transformer" (Table 5). */
  readonly rankingTrainsEncoders: boolean;
  /** Steps of SQDC alone before ranking begins. */
  readonly pretrainSteps: number;
  /** Width of item and query vectors and inside the encoders. */
  readonly dim: number;
  /** Width of id embeddings. */
  readonly idDim: number;
  /** Items of history that are read. */
  readonly historyLength: number;
  readonly sequences: SequenceOptions;
  /** What reads the history of ids: LEMUR's decoder, or LONGER as in the paper's baseline. */
  readonly idSequence: 'decoder' | 'longer';
  /** What ends the model: RankMixer, or an MLP over all features, which the paper's Table 2 begins with. */
  readonly head: 'rankMixer' | 'mlp';
  readonly mixerHeadDim: number;
  readonly mixerDepth: number;
  /** Experts of each RankMixer token, of which a router picks some. 0: one dense feed-forward part. */
  readonly mixerExperts: number;
  readonly decoderDepth: number;
  /** 0: the decoder as printed, without projections. From 1: projected attention with so many heads; ours. */
  readonly decoderHeads: number;
  /** How often a user or item id is hidden in training, so that new ones are not a surprise. */
  readonly userDropout: number;
  readonly itemDropout: number;
  readonly sqdc: SqdcTrainingOptions;
  readonly cic: CicTrainingOptions;
  readonly sampling: SamplingOptions;
  readonly optimizer: OptimizerOptions;
}
