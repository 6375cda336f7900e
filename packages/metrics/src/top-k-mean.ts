import { checkCount, readGroups, readLabels, readScores } from './read-input.js';
import { type SortedGroups, sortWithinGroups } from './sorted-groups.js';

export interface TopKOptions {
  /** Length of the evaluated top of each list. A list may be shorter. */
  readonly k: number;
  /** `[rows]`, integer ids. The rows of a group are one ranked list. Default: all rows are one list. */
  readonly groups?: ArrayLike<number>;
}

export interface TopKResult {
  /** Mean over the usable groups, 0 to 1; `NaN` without a usable group. */
  readonly value: number;
  readonly k: number;
  /** Distinct group ids. */
  readonly groups: number;
  /** Groups with at least one relevant row. The others are excluded. */
  readonly usableGroups: number;
}

/** Defines a metric at K. */
export interface TopKGain {
  /** Gain of a relevant row at `rank`; 1 is the best rank. */
  readonly at: (rank: number) => number;
  /** Gain of the ideal list. `cumulative[r]` is the sum of the first `r` gains, `r ≤ K`. */
  readonly ideal: (relevant: number, cumulative: Float64Array) => number;
}

/** Mean over groups of `expected gain / ideal gain`. */
export function topKMean(
  where: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { k, groups }: TopKOptions,
  gain: TopKGain,
): TopKResult {
  const s = readScores(where, 'scores', scores);
  const y = readLabels(where, labels, s.length);
  const index =
    groups === undefined
      ? { count: 1, ofRow: new Uint32Array(s.length) }
      : readGroups(where, 'groups', groups, s.length);
  checkCount(where, 'k', k);

  // No list is longer than the input, so the table need not be longer either, even for a large K.
  const cumulative = new Float64Array(Math.min(k, s.length) + 1);
  for (let rank = 1; rank < cumulative.length; rank++) cumulative[rank] = cumulative[rank - 1]! + gain.at(rank);

  const sorted = sortWithinGroups(s, index);
  let sum = 0;
  let usableGroups = 0;
  for (let g = 0; g < sorted.count; g++) {
    const { relevant, gained } = expectedGain(sorted, g, s, y, cumulative);
    if (relevant === 0) continue;
    sum += gained / gain.ideal(relevant, cumulative);
    usableGroups++;
  }
  return { value: sum / usableGroups, k, groups: sorted.count, usableGroups };
}

/**
 * The mean gain over all orders of tied rows: each row of a run of ties has each rank of the run equally often.
 * McSherry and Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied
 * Scores", ECIR 2008.
 */
function expectedGain(
  { rows, starts }: SortedGroups,
  group: number,
  scores: Float64Array,
  labels: Uint8Array,
  cumulative: Float64Array,
): { relevant: number; gained: number } {
  const from = starts[group]!;
  const to = starts[group + 1]!;
  const last = cumulative.length - 1;
  let relevant = 0;
  let gained = 0;
  for (let i = to - 1; i >= from; ) {
    const score = scores[rows[i]!];
    const before = to - 1 - i; // rows ranked above this run
    let runRelevant = 0;
    for (; i >= from && scores[rows[i]!] === score; i--) runRelevant += labels[rows[i]!]!;
    const after = to - 1 - i;
    const runGain = cumulative[Math.min(after, last)]! - cumulative[Math.min(before, last)]!;
    gained += (runRelevant / (after - before)) * runGain;
    relevant += runRelevant;
  }
  return { relevant, gained };
}
