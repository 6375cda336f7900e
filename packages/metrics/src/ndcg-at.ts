import { type TopKOptions, type TopKResult, topKMean } from './top-k-mean.js';

/**
 * NDCG@K with binary gain: `Σ 1/log2(rank + 1)` over the relevant rows among a group's K highest scores, divided by the same sum for
 * the best list, whose relevant rows hold ranks 1 to `min(|R|, K)`; averaged over the groups that have a relevant row (RecBole, MMRec).
 *
 * Tied scores count with the expected value over all their orders, as in scikit-learn's `ndcg_score`: constant scores earn what chance
 * earns. Rows are the candidates: for a full ranking, one row per item of the catalogue.
 *
 * @param scores `[rows]`, any scale.
 * @param labels `[rows]`, 1 for a relevant row, else 0.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, an id that is no integer,
 *   or a K that is no integer of at least 1.
 */
export function ndcgAt(scores: ArrayLike<number>, labels: ArrayLike<number>, options: TopKOptions): TopKResult {
  return topKMean('ndcgAt', scores, labels, options, {
    at: (rank) => 1 / Math.log2(rank + 1),
    ideal: (relevant, cumulative) => cumulative[Math.min(relevant, cumulative.length - 1)]!,
  });
}
