import { type AblationRow, type PlanContext, statisticsOptions } from '@sifaka/cli';
import { idOnly, lemur, type PresetOverrides, type RankerOptions, twoStage } from '@sifaka/trainer';

/** The row that the paper's gains are measured from, and the whole model. */
export const BASELINE = 'RankMixer + LONGER';
export const WHOLE = 'LEMUR';

const LONGER = { sequences: { liked: { ids: { kind: 'longer' } } } } as const satisfies PresetOverrides;

/**
 * The whole model on top of the baseline: LONGER reads its ids too. The long sequence has the 200 likes before the last
 * 50. The paper's longest has 1,000, which would make a step a third slower.
 */
const WHOLE_OPTIONS = {
  sequences: { ...LONGER.sequences, long: { length: 200 } },
} as const satisfies PresetOverrides;

const NO_VECTORS = { vectors: false, similarity: false } as const;
const NO_SIMILARITY = { similarity: false } as const;

const ids =
  (changes: PresetOverrides = {}) =>
  ({ seed, data }: PlanContext): RankerOptions =>
    idOnly({ seed, statistics: statisticsOptions(data) }, changes);

const whole =
  (changes: PresetOverrides = {}) =>
  ({ seed, data }: PlanContext): RankerOptions =>
    lemur({ seed, statistics: statisticsOptions(data) }, WHOLE_OPTIONS, changes);

/**
 * The rows of LEMUR's Tables 2–6 that apply here, and one that is not in the paper. The paper's figures are relative
 * gains. Those of its Table 2 are over DLRM-MLP; they are converted here to the baseline of the other tables (0.64393
 * QAUC).
 */
export const ABLATION_ROWS: readonly AblationRow[] = [
  { name: 'DLRM-MLP', table: 2, paper: -1.03, options: ids({ head: { kind: 'mlp', hiddenDims: [256, 64] } }) },
  { name: 'RankMixer', table: 2, paper: -0.44, options: ids() },
  { name: BASELINE, table: 2, paper: 0, options: ids(LONGER) },
  {
    name: '+ SQDC without sequences',
    table: 2,
    paper: 0.47,
    options: whole({ sequences: { liked: NO_VECTORS, long: { length: 0 }, disliked: NO_VECTORS } }),
  },
  { name: WHOLE, table: 2, paper: 0.81, options: whole() },
  {
    name: 'two-stage',
    table: 3,
    paper: 0.12,
    options: ({ seed, data }) => twoStage({ seed, statistics: statisticsOptions(data) }, WHOLE_OPTIONS),
  },
  { name: 'stop-gradient', table: 5, paper: 0.5, options: whole({ rankingTrainsEncoders: false }) },
  {
    name: 'without short sequence',
    table: 5,
    paper: 0.72,
    options: whole({ sequences: { liked: NO_VECTORS, disliked: NO_VECTORS } }),
  },
  { name: 'without long sequence', table: 5, paper: 0.56, options: whole({ sequences: { long: { length: 0 } } }) },
  {
    name: 'without cosine similarity',
    table: 5,
    paper: 0.69,
    options: whole({ sequences: { liked: NO_SIMILARITY, long: NO_SIMILARITY, disliked: NO_SIMILARITY } }),
  },
  { name: 'without SQDC', table: 5, paper: 0.64, options: whole({ sqdc: { weight: 0 } }) },
  { name: 'without session mask', table: 5, paper: 0.71, options: whole({ sqdc: { maskSession: false } }) },
  { name: 'SQDC against positives alone', table: 6, paper: 0.81, options: whole({ sqdc: { negatives: 'positives' } }) },
  { name: '+ CIC', table: 5, paper: 0.79, options: whole({ cic: { weight: 0.1 } }) },
  { name: 'p = 100 q = 20', table: 4, paper: 0.78, options: whole({ sampling: { forward: 1, backward: 0.2 } }) },
  { name: 'p = q = 20', table: 4, paper: 0.76, options: whole({ sampling: { forward: 0.2, backward: 0.2 } }) },
  { name: 'p = q = 10', table: 4, paper: 0.75, options: whole({ sampling: { forward: 0.1, backward: 0.1 } }) },
  { name: 'without decorrelation', table: null, paper: null, options: whole({ decorrelation: { weight: 0 } }) },
  { name: 'without wide part', table: null, paper: null, options: whole({ statistics: { wide: false } }) },
  {
    name: 'without statistics',
    table: null,
    paper: null,
    options: ({ seed }) => lemur({ seed }, WHOLE_OPTIONS),
  },
  { name: 'ids without statistics', table: null, paper: null, options: ({ seed }) => idOnly({ seed }, LONGER) },
  {
    name: 'without disliked items',
    table: null,
    paper: null,
    options: whole({ sequences: { disliked: { length: 0 } } }),
  },
];
