import { GAUC_VARIANTS, type GaucRule, type GaucVariant } from './gauc-variants.js';
import { groupAucs } from './group-aucs.js';
import { MetricInputError } from './metric-input-error.js';
import { readGroups, readLabels, readScores } from './read-input.js';

export interface GaucOptions {
  /** Which GAUC: see {@link GaucVariant}. Default `'bySamples'`. */
  readonly variant?: GaucVariant;
}

export interface GaucResult {
  /** 0 to 1; `NaN` without a usable group. */
  readonly value: number;
  readonly variant: GaucVariant;
  /** Distinct group ids. */
  readonly groups: number;
  /**
   * Groups with a defined AUC: both classes present and, for `'meanDroppingTied'`, more than one distinct score. Does
   * not count groups that `'singleClassAsZero'` takes as 0.
   */
  readonly usableGroups: number;
  /** Rows of the usable groups. */
  readonly usableSamples: number;
}

/**
 * Group AUC: the weighted mean of the AUC within each group (user, query or session),
 * `Σ weight_g · AUC_g / Σ weight_g`. The variant defines the weights. O(N log N) for `N` rows.
 *
 * @param scores `[rows]`, any scale; prefer logits to probabilities (see {@link auc}).
 * @param labels `[rows]`, 0 or 1.
 * @param groups `[rows]`, integer ids in any order.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, an id that is
 *   not an integer, or an unknown variant.
 */
export function gauc(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  groups: ArrayLike<number>,
  { variant = 'bySamples' }: GaucOptions = {},
): GaucResult {
  const rule = gaucRule('gauc', variant);
  const s = readScores('gauc', 'scores', scores);
  const y = readLabels('gauc', labels, s.length);
  const index = readGroups('gauc', 'groups', groups, s.length);
  const { weights, aucs, usableGroups, usableSamples } = groupAucs(s, y, index, rule);
  let sum = 0;
  let total = 0;
  for (let g = 0; g < index.count; g++) {
    sum += weights[g]! * aucs[g]!;
    total += weights[g]!;
  }
  return { value: sum / total, variant, groups: index.count, usableGroups, usableSamples };
}

/** The rule of a variant. @throws {@link MetricInputError} for an unknown variant. */
export function gaucRule(where: string, variant: GaucVariant): GaucRule {
  if (Object.hasOwn(GAUC_VARIANTS, variant)) return GAUC_VARIANTS[variant];
  throw new MetricInputError(where, `variant to be one of ${Object.keys(GAUC_VARIANTS).join(', ')}`, String(variant));
}
