/**
 * Six metrics that are all called GAUC. {@link GAUC_VARIANTS} has their rules as data.
 *
 * - `'bySamples'`: groups weighted by rows; groups of one class dropped. FuxiCTR's gAUC, after DIN (Zhou et al., KDD
 *   2018).
 * - `'mean'`: groups weighted equally; groups of one class dropped. FuxiCTR's avgAUC (MIND), TorchEasyRec's
 *   grouped_auc, EasyRec's default. With the query as the group: LEMUR's QAUC, see {@link qauc}.
 * - `'byPositives'`: groups weighted by their positives. RecBole, EasyRec's `positive`.
 * - `'meanDroppingTied'`: as `'mean'`, but a group whose scores are all equal is dropped, and of other tied rows the
 *   earlier one ranks higher. TorchRec's session gauc, without its smoothing of 1e-9.
 * - `'meanLosingTies'`: as `'mean'`, but a tie counts 0. Cornac's strict `>`.
 * - `'singleClassAsZero'`: as `'bySamples'`, but a group of one class counts as an AUC of 0, which lowers the value.
 *   LibRecommender's roc_gauc.
 */
export type GaucVariant =
  | 'bySamples'
  | 'mean'
  | 'byPositives'
  | 'meanDroppingTied'
  | 'meanLosingTies'
  | 'singleClassAsZero';

/** Rule of a GAUC variant. */
export interface GaucRule {
  /** Weight of a group's AUC: its number of rows, its number of positives, or 1. */
  readonly weight: 'samples' | 'positives' | 'equal';
  /** Value of a tied pair: ½; 0; or 1 if the positive's row comes first, otherwise 0. */
  readonly ties: 'half' | 'lost' | 'rowOrder';
  /** Groups without a positive or without a negative. */
  readonly singleClass: 'dropped' | 'zero';
  /** Groups whose scores are all equal. */
  readonly allTied: 'kept' | 'dropped';
}

/** The rule of each {@link GaucVariant}. */
export const GAUC_VARIANTS: Readonly<Record<GaucVariant, GaucRule>> = {
  bySamples: { weight: 'samples', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  mean: { weight: 'equal', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  byPositives: { weight: 'positives', ties: 'half', singleClass: 'dropped', allTied: 'kept' },
  meanDroppingTied: { weight: 'equal', ties: 'rowOrder', singleClass: 'dropped', allTied: 'dropped' },
  meanLosingTies: { weight: 'equal', ties: 'lost', singleClass: 'dropped', allTied: 'kept' },
  singleClassAsZero: { weight: 'samples', ties: 'half', singleClass: 'zero', allTied: 'kept' },
};
