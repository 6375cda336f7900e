/**
 * Six numbers that the field calls GAUC. {@link GAUC_VARIANTS} says what each does.
 *
 * - `'bySamples'`: groups weighted by rows; groups of one class dropped. FuxiCTR's gAUC, after DIN (Zhou et al. 2018).
 * - `'mean'`: every group weighs the same. FuxiCTR's avgAUC (MIND), TorchEasyRec's grouped_auc, EasyRec's default; with the query
 *   as the group, LEMUR's QAUC (the paper does not say what becomes of groups of one class).
 * - `'byPositives'`: groups weighted by their positives. RecBole, EasyRec's `positive`.
 * - `'meanDroppingTied'`: as `'mean'`, but a group whose scores are all equal is dropped, and other ties fall as the rows do: the
 *   earlier row counts as ranked higher. TorchRec's session gauc, without its smoothing of 1e-9.
 * - `'meanLosingTies'`: as `'mean'`, but a tie counts 0. Cornac's strict `>`.
 * - `'singleClassAsZero'`: as `'bySamples'`, but a group of one class counts as an AUC of 0, which pulls the value down.
 *   LibRecommender's roc_gauc.
 */
export type GaucVariant =
  | 'bySamples'
  | 'mean'
  | 'byPositives'
  | 'meanDroppingTied'
  | 'meanLosingTies'
  | 'singleClassAsZero';

/** What sets a GAUC apart from the others. */
export interface GaucRule {
  /** How much a group's AUC weighs: its rows, its positives, or the same for all. */
  readonly weight: 'samples' | 'positives' | 'equal';
  /** What a positive and a negative with equal scores count: ½, 0, or 1 if the positive's row comes first, else 0. */
  readonly ties: 'half' | 'lost' | 'rowOrder';
  /** Groups without a positive or without a negative. */
  readonly singleClass: 'dropped' | 'zero';
  /** Groups whose scores are all equal. */
  readonly allTied: 'kept' | 'dropped';
}

/** One entry per {@link GaucVariant}. */
export const GAUC_VARIANTS: Readonly<Record<GaucVariant, GaucRule>> = {
  bySamples: { weight: 'samples', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  mean: { weight: 'equal', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  byPositives: { weight: 'positives', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  meanDroppingTied: { weight: 'equal', ties: 'rowOrder', singleClass: 'dropped', allTied: 'dropped' },
  meanLosingTies: { weight: 'equal', ties: 'lost', singleClass: 'dropped', allTied: 'kept' },
  singleClassAsZero: { weight: 'samples', ties: 'half', singleClass: 'zero', allTied: 'kept' },
};
