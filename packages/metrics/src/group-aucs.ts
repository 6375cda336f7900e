import type { GaucRule } from './gauc-variants.js';
import { countPairs, type PairCounts } from './pair-counts.js';
import type { GroupIndex } from './read-input.js';
import { sortWithinGroups } from './sorted-groups.js';

/** AUC and weight of each group. Every GAUC is `Σ weight · auc / Σ weight`. */
export interface GroupAucs {
  /** `[groups]`; 0 for a dropped group. */
  readonly weights: Float64Array;
  /** `[groups]`; 0 for a group whose AUC is undefined. */
  readonly aucs: Float64Array;
  /** Groups with a defined AUC. */
  readonly usableGroups: number;
  /** Rows of the usable groups. */
  readonly usableSamples: number;
}

export function groupAucs(scores: Float64Array, labels: Uint8Array, groups: GroupIndex, rule: GaucRule): GroupAucs {
  const { count, rows, starts } = sortWithinGroups(scores, groups);
  const weights = new Float64Array(count);
  const aucs = new Float64Array(count);
  let usableGroups = 0;
  let usableSamples = 0;
  for (let g = 0; g < count; g++) {
    const from = starts[g]!;
    const to = starts[g + 1]!;
    const pairs = countPairs(rows, from, to, scores, labels);
    const allTied = scores[rows[from]!] === scores[rows[to - 1]!];
    if (pairs.positives > 0 && pairs.negatives > 0 && !(allTied && rule.allTied === 'dropped')) {
      aucs[g] = (pairs.won + wonTies(pairs, rule)) / (pairs.positives * pairs.negatives);
      weights[g] = weigh(pairs, rule);
      usableGroups++;
      usableSamples += to - from;
    } else if (rule.singleClass === 'zero') {
      weights[g] = weigh(pairs, rule);
    }
  }
  return { weights, aucs, usableGroups, usableSamples };
}

function wonTies({ tied, tiedPositiveFirst }: PairCounts, { ties }: GaucRule): number {
  if (ties === 'half') return tied / 2;
  return ties === 'rowOrder' ? tiedPositiveFirst : 0;
}

function weigh({ positives, negatives }: PairCounts, { weight }: GaucRule): number {
  if (weight === 'equal') return 1;
  return weight === 'positives' ? positives : positives + negatives;
}
