import type { GaucRule } from './gauc-variants.js';
import { groupAucs } from './group-aucs.js';
import type { GroupIndex } from './read-input.js';
import type { ResampledGroups } from './resampled-groups.js';
import { ascendingOrder } from './sorted-groups.js';

/** A metric of a resample, given the number of copies of each group, `[groups]`. `NaN` if undefined. */
export type GroupStatistic = (copies: Uint32Array) => number;

/** AUC over all rows of all copies. Sorts once. Each call is one pass that weights a row by the copies of its group. */
export function aucStatistic(scores: Float64Array, labels: Uint8Array, groups: GroupIndex): GroupStatistic {
  const order = ascendingOrder(scores);
  const groupOf = order.map((row) => groups.ofRow[row]!);
  const isPositive = Uint8Array.from(order, (row) => labels[row]!);
  const endsRun = Uint8Array.from(order, (row, i) => (scores[row] === scores[order[i + 1]!] ? 0 : 1));
  return (copies) => {
    let positives = 0;
    let negatives = 0;
    let won = 0;
    let runPositives = 0;
    let runNegatives = 0;
    for (let i = 0; i < order.length; i++) {
      const weight = copies[groupOf[i]!]!;
      if (isPositive[i] === 1) runPositives += weight;
      else runNegatives += weight;
      if (endsRun[i] === 0) continue; // within a run of equal scores
      won += runPositives * (negatives + runNegatives / 2);
      positives += runPositives;
      negatives += runNegatives;
      runPositives = 0;
      runNegatives = 0;
    }
    return won / (positives * negatives);
  };
}

/** GAUC over all copies. Computes AUCs once. Each call is a weighted mean over the groups that have one. */
export function gaucStatistic(
  scores: Float64Array,
  labels: Uint8Array,
  { compared, resampledOf }: ResampledGroups,
  rule: GaucRule,
): GroupStatistic {
  const { weights, aucs } = groupAucs(scores, labels, compared, rule);
  return (copies) => {
    let sum = 0;
    let total = 0;
    for (let g = 0; g < aucs.length; g++) {
      const weight = copies[resampledOf[g]!]! * weights[g]!;
      sum += weight * aucs[g]!;
      total += weight;
    }
    return sum / total;
  };
}
