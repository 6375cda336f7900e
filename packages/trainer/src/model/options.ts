import type { EncoderOptions } from './encoder-options.js';
import type { HeadOptions } from './head-options.js';
import type { ReaderOptions } from './reader-options.js';

/**
 * Source of the query tower's texts. `'samples'`: each sample's own query (`samples.queries`), as in LEMUR's search.
 * `'likedTitles'`: the titles that the user liked last, for data without queries. LEMUR's authors use this item-to-item
 * form for recommendation.
 */
export type QuerySource = 'likedTitles' | 'samples';

/**
 * The content encoders. All widths are `dim` of {@link RankerOptions}. Published encoders have sizes of their own; their
 * tokens pass through a linear map to `dim`.
 */
export interface ContentOptions {
  /** Side of an image patch in pixels. Not of a published encoder. */
  readonly patchSize: number;
  /** Not of a published encoder. */
  readonly imageDepth: number;
  /** Not of a published encoder. */
  readonly textDepth: number;
  /**
   * The image encoder, ours or a published one, and how it is trained: whole, in part, by low-rank updates, or not.
   * Presets and configuration files may give the name of a published encoder alone. Default `{}`: ours, whole.
   */
  readonly image?: EncoderOptions;
  /** The text encoder, likewise. Default `{}`: ours, whole. */
  readonly text?: EncoderOptions;
  /** Attention heads of the query tower, the fusion and our own encoders; must divide `dim`. */
  readonly heads: number;
  /** How image and text become one item vector. Default `{ kind: 'queryFormer' }`. */
  readonly fusion?: FusionOptions;
  /** Learned queries of the Fusion-Q-Former. */
  readonly fusionQueries: number;
  /** Layers of the Fusion-Q-Former. */
  readonly fusionDepth: number;
  /** Layers of the query encoder. LEMUR's has 2, the presets' has 1. */
  readonly queryDepth: number;
  /** `'none'`: no query tower. Then there is no SQDC, whose weight must be 0, and `queryDepth` is ignored. */
  readonly query: QuerySource | 'none';
  /** Number of the user's latest liked items whose titles form the query text. Used by `'likedTitles'` only. */
  readonly queryItems: number;
  /** How the contents of history items become the vectors that readers read. Default `{ kind: 'frozen' }`. */
  readonly history?: HistoryContentOptions;
}

/** How the tokens of an item's image and text become one vector. */
export type FusionOptions =
  /**
   * EM3's Fusion-Q-Former (arXiv 2404.06078) over all tokens. Its form: `'typed'` tells image and text tokens apart by
   * a learned vector each, `'public'` is the form of EM3's public code, see `publicForm` of @sifaka/qformer. Default
   * `'typed'`.
   */
  | { readonly kind: 'queryFormer'; readonly form?: 'typed' | 'public' }
  /** EM3 without its Fusion-Q-Former: mean image and text tokens side by side, through one linear map. */
  | { readonly kind: 'concatenation' };

/**
 * How history items' contents are read. EM3 (arXiv 2404.06078) reads a sequence of contents with LoRA (arXiv
 * 2106.09685). We know only the abstract of EM3's paper, so `'lowRank'` and `'sharedFusion'` are two readings of it.
 */
export type HistoryContentOptions =
  /** The vectors that the bank stores, as in LEMUR. They are constants. */
  | { readonly kind: 'frozen' }
  /** The same, with a low-rank update that learns: {@link LowRankHistory}. `rank` is at most `dim`. */
  | { readonly kind: 'lowRank'; readonly rank: number; readonly alpha?: number }
  /**
   * The bank also stores a token per modality. The candidate's own fusion fuses these, with its weights as constants.
   * Low-rank updates of the weights learn: {@link SharedFusionHistory}. `rank` is at most `dim`. Staleness is
   * that of the item vector alone.
   */
  | { readonly kind: 'sharedFusion'; readonly rank: number; readonly alpha?: number }
  /**
   * Every training step encodes the distinct history items of its batch, with gradients. Each costs as much time and
   * memory as a candidate, so this is for short sequences and small batches. Scoring reads the bank.
   * Needs `trainEncoders` and `rankingTrainsEncoders`.
   */
  | { readonly kind: 'full' };

/** Which cosines between the candidate and a sequence become features. */
export interface SimilarityOptions {
  /** Cosines with this many of the most recent items, in the order of the sequence. Default: all. */
  readonly recent?: number;
  /** This many of the largest cosines, largest first. Default: all. */
  readonly top?: number;
  /** Mean and standard deviation of all cosines. Default false. */
  readonly statistics?: boolean;
}

/** One sequence of items and how it is read. */
export interface SequenceOptions {
  /** Number of items. 0: the sequence is not read. */
  readonly length: number;
  /** Reads the items' id embeddings; false: does not. */
  readonly ids: ReaderOptions | false;
  /** Reads the items' vectors from the bank; false: does not. Ignored by id-only models. */
  readonly vectors: ReaderOptions | false;
  /** The similarity module, over the same vectors; false: none. Needs `vectors`. */
  readonly similarity: SimilarityOptions | false;
}

/** The sequences that a model may read. */
export interface SequencesOptions {
  /** The items that the user liked last: LEMUR's short sequence. At least 1 item. */
  readonly liked: SequenceOptions;
  /** The liked items before those. LEMUR's longest sequence has 1,000 items. */
  readonly long: SequenceOptions;
  /**
   * The disliked items among the last `length` events. With it the model also reads which of these events were liked,
   * and how many (see {@link feedbackFeatures}). Not in the paper, which reads clicks alone: likes alone do not
   * distinguish a user who likes much from a user who rates much.
   */
  readonly disliked: SequenceOptions;
}

/** LEMUR's contrastive loss. */
export interface SqdcTrainingOptions {
  /** λ. The paper does not state it. 0: no contrast. */
  readonly weight: number;
  /** `T`, which multiplies the cosine. */
  readonly temperature: number;
  readonly negatives: 'positives' | 'all';
  readonly maskSession: boolean;
  /** Further masks and the paper's sum, as in `SqdcOptions` of @sifaka/losses and with its defaults. */
  readonly maskSameItem?: boolean;
  readonly maskHistory?: boolean;
  readonly maskExposed?: boolean;
  readonly reduction?: 'mean' | 'sum';
  /** Largest number of pairs of a query and a candidate. Default 2²⁶, about 3.4 GB. */
  readonly maxPairs?: number;
  /**
   * Subtracts the batch's mean vectors before the cosines. Not in the paper; without it new encoders stay at chance.
   */
  readonly centre: boolean;
}

/** EM3's content-ID contrast (arXiv 2404.06078), which LEMUR's Table 5 adds to its own losses. */
export interface CicTrainingOptions {
  /** 0: no content-ID contrast. */
  readonly weight: number;
  /** `1 / τ`, which multiplies the cosine. */
  readonly temperature: number;
  /**
   * What an item is contrasted with: all other candidates of the batch, or `count` of them (default 16), drawn as
   * `exclude` says (default `'sameItem'`); see `CicNegatives` of @sifaka/losses. Default `{ kind: 'all' }`.
   */
  readonly negatives?:
    | { readonly kind: 'all' }
    | { readonly kind: 'sampled'; readonly count?: number; readonly exclude?: 'nothing' | 'sameItem' };
}

/** Keeps new encoders from collapsing to a few directions: see `decorrelation` of @sifaka/losses. Not in the papers. */
export interface DecorrelationOptions {
  /** 0: no such loss. */
  readonly weight: number;
}

/** Which of a batch's candidates are encoded (LEMUR, Table 4). */
export interface SamplingOptions {
  /** p: share of the distinct candidates that are encoded. Candidates missing from the bank are always encoded. */
  readonly forward: number;
  /** q ≤ p: share whose encoding also receives a gradient. */
  readonly backward: number;
  /** Encodes well-known items less often. Default: no such rule. */
  readonly hot?: HotContentOptions;
  /**
   * Number of stored items that each step encodes in addition to its candidates, without a gradient: those whose
   * vectors are oldest and read most. Not in the paper, which names stale vectors as its limit. Each step scans the
   * whole bank for them. Default 0.
   */
  readonly refreshBudget?: number;
  /**
   * Encodes all train items before the first step, so that every history is covered. Not in the paper. Default false.
   */
  readonly warmUp?: boolean;
}

/**
 * "Hot content is refreshed with 10 % probability": the LEMUR team on their production system, not in the paper. They
 * do not state when an item is hot; here the number of writes to the bank decides.
 */
export interface HotContentOptions {
  /** Number of writes after which an item counts as hot. */
  readonly writes: number;
  /** Probability that a hot candidate takes part in the draw. The team uses 0.1. */
  readonly rate: number;
}

export interface OptimizerOptions {
  /** Peak learning rate of the ranker. */
  readonly learningRate: number;
  /** Peak learning rate of the content and query encoders. A high rate makes stored vectors stale. */
  readonly encoderLearningRate: number;
  /** Peak learning rate of the id tables. */
  readonly tableLearningRate: number;
  readonly weightDecay: number;
  readonly tableWeightDecay: number;
  readonly warmupSteps: number;
  /** Gradients with a larger global norm are scaled down to it. */
  readonly clipNorm: number;
}

/** One column of the statistics that a ranker reads, from {@link statisticsColumns}. */
export interface StatisticsColumn {
  /** As in the statistics of @sifaka/data, such as `item.likeRate`. */
  readonly name: string;
  /** Mean over the train part. */
  readonly mean: number;
  /** Standard deviation over the train part. */
  readonly deviation: number;
}

/**
 * The statistics that every production ranker has: what was counted of the user and the item before the event (see
 * `gatherStatistics` of @sifaka/data). Not in the paper, whose ranker has hundreds of features that it does not list.
 */
export interface StatisticsOptions {
  /** The columns of `batch.statistics`, in their order. */
  readonly columns: readonly StatisticsColumn[];
  /** Adds a linear part over the columns to the logit, as Wide & Deep does (arXiv 1606.07792). */
  readonly wide: boolean;
}

/** Complete description of a {@link MultimodalRanker} and its training. A preset is a function that returns one. */
export interface RankerOptions {
  /** Name of the preset, for reports. */
  readonly preset: string;
  readonly seed: number;
  /** Encoders of images and texts. Absent: an id-only model. */
  readonly content?: ContentOptions;
  /** True: every step trains the encoders (joint). False: only the first `pretrainSteps` steps do (two-stage). */
  readonly trainEncoders: boolean;
  /**
   * Whether the ranking loss trains the encoders. False: the other losses alone do ("stop-gradient on transformer",
   * Table 5).
   */
  readonly rankingTrainsEncoders: boolean;
  /** Steps of SQDC alone before ranking begins. */
  readonly pretrainSteps: number;
  /** Width of item and query vectors and inside the encoders. */
  readonly dim: number;
  /** Width of id embeddings. */
  readonly idDim: number;
  readonly sequences: SequencesOptions;
  /** Statistics of user and item as features. Absent: the model reads none. */
  readonly statistics?: StatisticsOptions;
  readonly head: HeadOptions;
  /** Probability that training hides a user's id, which trains the embedding of unknown users. */
  readonly userDropout: number;
  /** The same for the candidate's id. */
  readonly itemDropout: number;
  readonly sqdc: SqdcTrainingOptions;
  readonly cic: CicTrainingOptions;
  readonly decorrelation: DecorrelationOptions;
  readonly sampling: SamplingOptions;
  readonly optimizer: OptimizerOptions;
}
