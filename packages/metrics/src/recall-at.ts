import { MetricInputError } from './metric-input-error.js';
import { type TopKOptions, type TopKResult, topKMean } from './top-k-mean.js';

export interface RecallOptions extends TopKOptions {
  /**
   * Divides the hits by `|R|`, the number of relevant rows (`'relevant'`, as in RecBole and MMRec), or by `min(|R|, K)`
   * (`'attainable'`). With `'relevant'`, a group with more than K relevant rows cannot reach 1. Default `'relevant'`.
   */
  readonly denominator?: 'relevant' | 'attainable';
}

/**
 * Recall@K: the share of a group's relevant rows among its K highest scores. The mean over groups with a relevant row.
 *
 * Tied scores count with the expected value over all their orders: constant scores reach `K / rows of the group`, as
 * random ones do on average. Rows are the candidates; for a full ranking, one row per recommendable item of the
 * catalogue.
 *
 * @param scores `[rows]`, any scale.
 * @param labels `[rows]`, 1 for a relevant row, otherwise 0.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, an id that is
 *   not an integer, a K that is not a positive integer, or an unknown denominator.
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
