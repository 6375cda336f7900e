import type { AblationRow } from '@sifaka/cli';
import { idOnly, lemur, type PresetOverrides, type RankerOptions, twoStage } from '@sifaka/trainer';

/** The row that the paper's gains are measured from, and the whole model. */
export const BASELINE = 'RankMixer + LONGER';
export const WHOLE = 'LEMUR';

/**
 * Length of the long sequence, behind the short one's 50. The paper's longest has 1,000, which makes a step a third
 * slower.
 */
const LONG = 200;

const idsOf = (changes: PresetOverrides) => (run: { readonly seed: number }) => idOnly({ seed: run.seed, ...changes });

/** The baseline with everything on: LONGER reads its sequence of ids, too. */
const WHOLE_OPTIONS = { idSequence: 'longer', sequences: { long: LONG } } as const;

const whole =
  (changes: PresetOverrides = {}) =>
  ({ seed }: { readonly seed: number }): RankerOptions =>
    lemur({ seed, ...WHOLE_OPTIONS, ...changes, sequences: { ...WHOLE_OPTIONS.sequences, ...changes.sequences } });

/**
 * The rows of LEMUR's Tables 2–6 that apply here, and one that is not in the paper. The paper's figures are relative
 * gains. Those of its Table 2 are over DLRM-MLP; they are converted here to the baseline of the other tables (0.64393
 * QAUC).
 */
export const ABLATION_ROWS: readonly AblationRow[] = [
  { name: 'DLRM-MLP', table: 2, paper: -1.03, options: idsOf({ head: 'mlp' }) },
  { name: 'RankMixer', table: 2, paper: -0.44, options: idsOf({}) },
  { name: BASELINE, table: 2, paper: 0, options: idsOf({ idSequence: 'longer' }) },
  { name: '+ SQDC without sequences', table: 2, paper: 0.47, options: whole({ sequences: { short: false, long: 0 } }) },
  { name: WHOLE, table: 2, paper: 0.81, options: whole() },
  {
    name: 'two-stage',
    table: 3,
    paper: 0.12,
    options: ({ seed }) => twoStage({ seed, ...WHOLE_OPTIONS }),
  },
  { name: 'stop-gradient', table: 5, paper: 0.5, options: whole({ rankingTrainsEncoders: false }) },
  { name: 'without short sequence', table: 5, paper: 0.72, options: whole({ sequences: { short: false } }) },
  { name: 'without long sequence', table: 5, paper: 0.56, options: whole({ sequences: { long: 0 } }) },
  { name: 'without cosine similarity', table: 5, paper: 0.69, options: whole({ sequences: { similarity: false } }) },
  { name: 'without SQDC', table: 5, paper: 0.64, options: whole({ sqdc: { weight: 0 } }) },
  { name: 'without session mask', table: 5, paper: 0.71, options: whole({ sqdc: { maskSession: false } }) },
  { name: 'SQDC against positives alone', table: 6, paper: 0.81, options: whole({ sqdc: { negatives: 'positives' } }) },
  { name: '+ CIC', table: 5, paper: 0.79, options: whole({ cic: { weight: 0.1 } }) },
  { name: 'p = 100 q = 20', table: 4, paper: 0.78, options: whole({ sampling: { forward: 1, backward: 0.2 } }) },
  { name: 'p = q = 20', table: 4, paper: 0.76, options: whole({ sampling: { forward: 0.2, backward: 0.2 } }) },
  { name: 'p = q = 10', table: 4, paper: 0.75, options: whole({ sampling: { forward: 0.1, backward: 0.1 } }) },
  { name: 'without disliked items', table: null, paper: null, options: whole({ sequences: { met: 0 } }) },
];
