import { type AblationRow, type PlanContext, statisticsOptions } from '@sifaka/cli';
import {
  em3,
  type HeadOptions,
  idOnly,
  type PresetOverrides,
  type RankerOptions,
  type ReaderOptions,
  twoStage,
} from '@sifaka/trainer';

/** The row that gains are measured from, and the whole method. */
export const IDS_ALONE = 'ids alone';
export const EM3 = 'EM3';

/** A ranking model that EM3 is tried on: a reader of sequences and a head. */
export interface RankingModel {
  readonly name: string;
  /** In a few words, for `--help`. */
  readonly what: string;
  readonly options: PresetOverrides;
}

const DECODER: ReaderOptions = { kind: 'decoder', depth: 1, attention: { kind: 'printed' } };
const DIN: ReaderOptions = { kind: 'din' };
/** Reads contents, whose vectors are longer than those of ids: see the preset `em3`. */
const SOFTMAX_DIN: ReaderOptions = { kind: 'din', pooling: { kind: 'softmax' } };
const DIEN: ReaderOptions = { kind: 'dien' };
const LONGER: ReaderOptions = { kind: 'longer' };
const MEAN: ReaderOptions = { kind: 'meanPooling' };
const SIM: ReaderOptions = { kind: 'sim', search: { kind: 'soft' } };

/** The same hidden widths in every deep network. */
const HIDDEN = { hiddenDims: [256, 64] } as const;
const MLP: HeadOptions = { kind: 'mlp', ...HIDDEN };
const RANK_MIXER: HeadOptions = { kind: 'rankMixer', headDim: 8, depth: 2, feedForward: { kind: 'dense' } };

/**
 * Liked and disliked items by one reader. Contents are read by the same reader, or by another: EM3's target attention
 * is that of DIN where a model has no attention of its own. LEMUR's cosines are off, so that all rows read the same.
 */
function sequences(ids: ReaderOptions, vectors: ReaderOptions = ids) {
  const sequence = { ids, vectors, similarity: false } as const;
  return { liked: sequence, disliked: sequence };
}

/** Models with mean pooling differ by their head alone, those with an MLP by their reader. */
export const RANKING_MODELS: readonly RankingModel[] = [
  {
    name: 'factorizationMachine',
    what: 'mean pooling and a factorization machine',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'factorizationMachine' } },
  },
  {
    name: 'dlrm',
    what: 'mean pooling and DLRM',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'dlrm', ...HIDDEN } },
  },
  {
    name: 'deepFm',
    what: 'mean pooling and DeepFM',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'deepFm', ...HIDDEN } },
  },
  {
    name: 'dcnV2',
    what: 'mean pooling and DCN-V2, stacked',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'dcnV2', structure: 'stacked', ...HIDDEN } },
  },
  {
    name: 'dcnV2Parallel',
    what: 'mean pooling and DCN-V2, parallel',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'dcnV2', structure: 'parallel', ...HIDDEN } },
  },
  {
    name: 'autoInt',
    what: 'mean pooling and AutoInt',
    options: { sequences: sequences(MEAN, SOFTMAX_DIN), head: { kind: 'autoInt' } },
  },
  { name: 'din', what: 'DIN and an MLP', options: { sequences: sequences(DIN, SOFTMAX_DIN), head: MLP } },
  { name: 'dien', what: 'DIEN and an MLP', options: { sequences: sequences(DIEN), head: MLP } },
  {
    name: 'sim',
    what: 'SIM over 200 earlier likes, DIN over the last 50, and an MLP',
    options: {
      // SIM's paper reads the recent items by DIEN. Here the model differs from din by the long sequence alone.
      sequences: { ...sequences(DIN, SOFTMAX_DIN), long: { length: 200, ids: SIM, vectors: SIM, similarity: false } },
      head: MLP,
    },
  },
  { name: 'longer', what: 'LONGER and RankMixer', options: { sequences: sequences(LONGER), head: RANK_MIXER } },
  {
    name: 'rankMixer',
    what: 'LEMUR’s decoder and RankMixer',
    options: { sequences: sequences(DECODER), head: RANK_MIXER },
  },
];

type Preset = (...overrides: readonly PresetOverrides[]) => RankerOptions;

interface RowOfEveryModel {
  readonly name: string;
  readonly preset: Preset;
  readonly changes?: PresetOverrides;
  /** Trained only if it is named, because it answers another question. Default false. */
  readonly onRequest?: boolean;
}

/** A history that is short enough to encode in every step. */
const FIVE_ITEMS = { liked: { length: 5 }, disliked: { length: 5 } } as const;

const ROWS: readonly RowOfEveryModel[] = [
  { name: IDS_ALONE, preset: idOnly },
  // The same encoders, trained by SQDC first. SQDC has a query tower, so this row alone also reads its frozen vectors
  // of the titles that the user liked last.
  {
    name: 'frozen content',
    preset: twoStage,
    changes: { content: { fusion: { kind: 'queryFormer', form: 'public' } } },
  },
  {
    name: 'EM3 without Fusion-Q-Former',
    preset: em3,
    changes: { content: { fusion: { kind: 'concatenation' } } },
  },
  { name: 'EM3 without LoRA', preset: em3, changes: { content: { history: { kind: 'frozen' } } } },
  {
    name: 'EM3 with shared fusion',
    preset: em3,
    changes: { content: { history: { kind: 'sharedFusion', rank: 8 } } },
  },
  { name: 'EM3 without CIC', preset: em3, changes: { cic: { weight: 0 } } },
  { name: EM3, preset: em3 },
  // What LoRA stands in for. A step encodes all items of its histories, so they are short.
  { name: 'EM3 on five items', preset: em3, changes: { sequences: FIVE_ITEMS }, onRequest: true },
  {
    name: 'EM3 on five items with full gradient',
    preset: em3,
    changes: { sequences: FIVE_ITEMS, content: { history: { kind: 'full' } } },
    onRequest: true,
  },
];

export const EM3_ROW_NAMES: readonly string[] = ROWS.map(({ name }) => name);

/** The rows that are trained unless others are named. */
export const DEFAULT_EM3_ROWS: readonly string[] = ROWS.filter(({ onRequest }) => !onRequest).map(({ name }) => name);

/**
 * The rows of a ranking model.
 *
 * @param names of the rows. Default: {@link DEFAULT_EM3_ROWS}.
 * @param common changes to every row.
 */
export function rankingRows(
  { options }: RankingModel,
  names: readonly string[] = DEFAULT_EM3_ROWS,
  common: PresetOverrides = {},
): AblationRow[] {
  return ROWS.filter(({ name }) => names.includes(name)).map(({ name, preset, changes = {} }) => ({
    ...{ name, table: null, paper: null },
    options: ({ seed, data }: PlanContext) =>
      preset({ seed, statistics: statisticsOptions(data) }, common, options, changes),
  }));
}
