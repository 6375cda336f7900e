import { gauc } from './gauc.js';
import { MetricInputError } from './metric-input-error.js';
import { checkLength, readLabels, readScores } from './read-input.js';

export interface QaucResult {
  /** 0 to 1; `NaN` without a usable query. */
  readonly value: number;
  /** Distinct query ids. */
  readonly queries: number;
  /** Queries with both classes. Their AUCs are averaged. */
  readonly usableQueries: number;
  /** Queries of one class, which have no AUC and are excluded. */
  readonly singleClassQueries: number;
  /** Rows of the usable queries. */
  readonly usableSamples: number;
  /** Rows without a query (id −1), which are excluded. */
  readonly samplesWithoutQuery: number;
}

/**
 * LEMUR's QAUC (arXiv 2511.10962): the unweighted mean over queries of the AUC within a query. Ties count ½. This is
 * `gauc` with the variant `'mean'` over the rows that have a query. The paper does not define the metric for queries of
 * one class; they are excluded and counted.
 *
 * @param scores `[rows]`, any scale; prefer logits to probabilities (see {@link auc}).
 * @param labels `[rows]`, 0 or 1.
 * @param queryIds `[rows]`, integer ids in any order; −1 for a row without a query.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, or an id that
 *   is not an integer of at least −1.
 */
export function qauc(scores: ArrayLike<number>, labels: ArrayLike<number>, queryIds: ArrayLike<number>): QaucResult {
  const s = readScores('qauc', 'scores', scores);
  const y = readLabels('qauc', labels, s.length);
  checkLength('qauc', 'queryIds', queryIds, s.length);
  const queryRows: number[] = [];
  for (let row = 0; row < s.length; row++) {
    const id = queryIds[row]!;
    if (!Number.isSafeInteger(id) || id < -1) {
      throw new MetricInputError('qauc', 'integers of at least −1 in queryIds', String(id), row);
    }
    if (id >= 0) queryRows.push(row);
  }
  const samplesWithoutQuery = s.length - queryRows.length;
  if (queryRows.length === 0) {
    return {
      value: Number.NaN,
      queries: 0,
      usableQueries: 0,
      singleClassQueries: 0,
      usableSamples: 0,
      samplesWithoutQuery,
    };
  }
  const { value, groups, usableGroups, usableSamples } = gauc(
    queryRows.map((row) => s[row]!),
    queryRows.map((row) => y[row]!),
    queryRows.map((row) => queryIds[row]!),
    { variant: 'mean' },
  );
  return {
    value,
    queries: groups,
    usableQueries: usableGroups,
    singleClassQueries: groups - usableGroups,
    usableSamples,
    samplesWithoutQuery,
  };
}
