/** Counts over all pairs of one positive and one negative row. */
export interface PairCounts {
  readonly positives: number;
  readonly negatives: number;
  /** Pairs whose positive scores higher. */
  readonly won: number;
  /** Pairs with equal scores. */
  readonly tied: number;
  /** Tied pairs whose positive has the smaller row number. A stable descending sort counts them as won. */
  readonly tiedPositiveFirst: number;
}

/**
 * Counts the pairs among the rows `order[from … to)`, in one pass. The counts are exact up to 2⁵³ pairs.
 *
 * @param order row numbers, ascending by score; ties ascending by row number.
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
