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
  readonly queryDepth: number;
  /** How many of the user's latest liked items make the query text. */
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
  readonly mixerHeadDim: number;
  readonly mixerDepth: number;
  readonly decoderDepth: number;
  /** How often a user or item id is hidden in training, so that new ones are not a surprise. */
  readonly userDropout: number;
  readonly itemDropout: number;
  readonly sqdc: SqdcTrainingOptions;
  readonly sampling: SamplingOptions;
  readonly optimizer: OptimizerOptions;
}
