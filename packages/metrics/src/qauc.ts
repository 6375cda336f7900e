import { gauc } from './gauc.js';
import { MetricInputError } from './metric-input-error.js';
import { checkLength, readLabels, readScores } from './read-input.js';

export interface QaucResult {
  /** 0 to 1; `NaN` if no query counts. */
  readonly value: number;
  /** Distinct query ids. */
  readonly queries: number;
  /** Queries with a positive and a negative: those that are averaged. */
  readonly usableQueries: number;
  /** Queries of one class, which have no AUC and are left out. */
  readonly singleClassQueries: number;
  /** Rows of the usable queries. */
  readonly usableSamples: number;
  /** Rows without a query (id −1), left out. */
  readonly samplesWithoutQuery: number;
}

/**
 * LEMUR's QAUC: the AUC within each query's rows, averaged over queries, every query alike. Ties count ½.
 *
 * It is `gauc` of the variant `'mean'` over the rows that have a query. The paper does not say what becomes of queries of one class; they are
 * left out and counted.
 *
 * @param scores `[rows]`, any scale; logits rather than probabilities (see {@link auc}).
 * @param labels `[rows]`, 0 or 1.
 * @param queryIds `[rows]`, integer ids in any order; −1 for a row without a query.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, a label other than 0 and 1, or an id that is no integer from −1.
 */
export function qauc(scores: ArrayLike<number>, labels: ArrayLike<number>, queryIds: ArrayLike<number>): QaucResult {
  const s = readScores('qauc', 'scores', scores);
  const y = readLabels('qauc', labels, s.length);
  checkLength('qauc', 'queryIds', queryIds, s.length);
  const asked: number[] = []; // rows
  for (let row = 0; row < s.length; row++) {
    const id = queryIds[row]!;
    if (!Number.isSafeInteger(id) || id < -1) {
      throw new MetricInputError('qauc', 'integer ids from −1 in queryIds', String(id), row);
    }
    if (id >= 0) asked.push(row);
  }
  const samplesWithoutQuery = s.length - asked.length;
  if (asked.length === 0) {
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
    asked.map((row) => s[row]!),
    asked.map((row) => y[row]!),
    asked.map((row) => queryIds[row]!),
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
