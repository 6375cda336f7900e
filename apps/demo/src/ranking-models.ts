import { type AblationRow, type PlanContext, statisticsOptions } from '@sifaka/cli';
import { idOnly, lemur, type PresetOverrides, type RankerOptions, twoStage } from '@sifaka/trainer';

/** The row that gains are measured from, and the whole method. */
export const IDS_ALONE = 'ids alone';
export const EM3 = 'EM3';

/** A ranking model that EM3 is tried on: readers of the sequences, and a head. */
export interface RankingModel {
  readonly name: string;
  /** In a few words, for `--help`. */
  readonly what: string;
  readonly options: PresetOverrides;
}

const MLP = { kind: 'mlp', hiddenDims: [256, 64] } as const;
const RANK_MIXER = { kind: 'rankMixer' } as const;
const LONGER = { kind: 'longer' } as const;

export const RANKING_MODELS: readonly RankingModel[] = [
  { name: 'dlrm', what: 'decoder and MLP', options: { head: MLP } },
  { name: 'rankMixer', what: 'decoder and RankMixer', options: { head: RANK_MIXER } },
  {
    name: 'longer',
    what: 'LONGER and RankMixer',
    options: { sequences: { liked: { ids: LONGER, vectors: LONGER } }, head: RANK_MIXER },
  },
];

type Preset = (...overrides: readonly PresetOverrides[]) => RankerOptions;

const ROWS: readonly { readonly name: string; readonly preset: Preset; readonly changes?: PresetOverrides }[] = [
  { name: IDS_ALONE, preset: idOnly },
  { name: 'frozen content', preset: twoStage },
  { name: 'EM3 without CIC', preset: lemur, changes: { cic: { weight: 0 } } },
  { name: EM3, preset: lemur, changes: { cic: { weight: 0.1 } } },
];

export const EM3_ROW_NAMES: readonly string[] = ROWS.map(({ name }) => name);

/** The rows of a ranking model, those with these names only. Default: all. */
export function rankingRows({ options }: RankingModel, names: readonly string[] = EM3_ROW_NAMES): AblationRow[] {
  return ROWS.filter(({ name }) => names.includes(name)).map(({ name, preset, changes = {} }) => ({
    ...{ name, table: null, paper: null },
    options: ({ seed, data }: PlanContext) => preset({ seed, statistics: statisticsOptions(data) }, options, changes),
  }));
}
