import { type TopKOptions, type TopKResult, topKMean } from './top-k-mean.js';

/**
 * NDCG@K with binary gain: `Σ 1/log2(rank + 1)` over the relevant rows among a group's K highest scores, divided by the
 * same sum for the ideal list, whose relevant rows have ranks 1 to `min(|R|, K)`. The mean over groups with a relevant
 * row (as in RecBole and MMRec).
 *
 * Tied scores count with the expected value over all their orders, as in scikit-learn's `ndcg_score`: constant scores
 * are worth as much as random ones. Rows are the candidates; for a full ranking, one row per item of the catalogue.
 *
 * @param scores `[rows]`, any scale.
 * @param labels `[rows]`, 1 for a relevant row, otherwise 0.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, an id that is
 *   not an integer, or a K that is not a positive integer.
 */
export function ndcgAt(scores: ArrayLike<number>, labels: ArrayLike<number>, options: TopKOptions): TopKResult {
  return topKMean('ndcgAt', scores, labels, options, {
    at: (rank) => 1 / Math.log2(rank + 1),
    ideal: (relevant, cumulative) => cumulative[Math.min(relevant, cumulative.length - 1)]!,
  });
}
