/** Over all pairs of one positive and one negative row. */
export interface PairCounts {
  readonly positives: number;
  readonly negatives: number;
  /** Pairs whose positive scores higher. */
  readonly won: number;
  /** Pairs with equal scores. */
  readonly tied: number;
  /** Tied pairs whose positive comes first in the order of the rows: what a stable descending sort counts as won. */
  readonly tiedPositiveFirst: number;
}

/**
 * Counts in one pass over the rows `order[from … to)`, which ascend by score and, where tied, by row number.
 * Counts are integers in float64: exact up to 2⁵³ pairs.
 */
export function countPairs(
  order: Uint32Array,
  from: number,
  to: number,
  scores: Float64Array,
  labels: Uint8Array,
): PairCounts {
  let positives = 0;
  let negatives = 0;
  let won = 0;
  let tied = 0;
  let tiedPositiveFirst = 0;
  for (let i = from; i < to; ) {
    const score = scores[order[i]!];
    let runPositives = 0;
    let runNegatives = 0;
    for (; i < to && scores[order[i]!] === score; i++) {
      if (labels[order[i]!] === 1) {
        runPositives++;
      } else {
        runNegatives++;
        tiedPositiveFirst += runPositives;
      }
    }
    won += runPositives * negatives;
    tied += runPositives * runNegatives;
    positives += runPositives;
    negatives += runNegatives;
  }
  return { positives, negatives, won, tied, tiedPositiveFirst };
}
