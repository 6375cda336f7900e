import { MetricInputError } from './metric-input-error.js';
import { type TopKOptions, type TopKResult, topKMean } from './top-k-mean.js';

export interface RecallOptions extends TopKOptions {
  /**
   * What the hits are divided by: `'relevant'`, all relevant rows `|R|` (RecBole, MMRec), which keeps a user with more than K of them
   * below 1; or `'attainable'`, `min(|R|, K)`, as many as a list of K can hold. Default `'relevant'`.
   */
  readonly denominator?: 'relevant' | 'attainable';
}

/**
 * Recall@K: the share of a group's relevant rows among its K highest scores, averaged over the groups that have a relevant row.
 *
 * Tied scores count with the expected value over all their orders, so constant scores earn what chance earns, `K / list length`.
 * Rows are the candidates: for a full ranking, one row per item of the catalogue; items that may not be recommended are left out.
 *
 * @param scores `[rows]`, any scale.
 * @param labels `[rows]`, 1 for a relevant row, else 0.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, an id that is no integer,
 *   a K that is no integer of at least 1, or an unknown denominator.
 */
export function recallAt(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { denominator = 'relevant', ...options }: RecallOptions,
): TopKResult {
  if (denominator !== 'relevant' && denominator !== 'attainable') {
    throw new MetricInputError('recallAt', 'denominator to be relevant or attainable', String(denominator));
  }
  return topKMean('recallAt', scores, labels, options, {
    at: () => 1,
    ideal: (relevant) => (denominator === 'relevant' ? relevant : Math.min(relevant, options.k)),
  });
}
