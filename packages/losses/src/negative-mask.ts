import { assertFlags, assertIntegers, assertLength } from './check-options.js';
import { type Exposures, maskByRules, notLikedByUser } from './mask-rules.js';
import { assertPairs, type PairLimit } from './pair-limit.js';

/**
 * Mask of a contrastive loss: 1 where candidate `j` may be in the denominator of query `i`, 0 where it would be a false
 * negative. Masks are host arrays of one byte per pair. Combine them with {@link allowedByAll}.
 */
export interface NegativeMask {
  readonly queries: number;
  readonly candidates: number;
  /** `[queries · candidates]` of 0 and 1, row by row. */
  readonly values: Uint8Array;
}

/**
 * LEMUR's session mask (SQDC, arXiv 2511.10962 §3): `A_ij = 0 if i ≠ j and QID_i = QID_j, else 1`. Items of one session
 * are too similar to be negatives of each other.
 *
 * @param querySessions session of each query; −1 means no session and equals no other
 * @param candidateSessions session of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 * @throws RangeError for more pairs than `maxPairs`, arrays of other lengths, or values that are not integers.
 */
export function sessionMask(
  querySessions: ArrayLike<number>,
  candidateSessions: ArrayLike<number>,
  positives: ArrayLike<number>,
  limit: PairLimit = {},
): NegativeMask {
  assertPairs('sessionMask', querySessions.length, candidateSessions.length, limit);
  assertLength('sessionMask', 'positives', positives, querySessions.length);
  assertAllIntegers('sessionMask', { querySessions, candidateSessions, positives });
  const keysOf = (query: number) => [querySessions[query]!];
  return maskByRules(positives, candidateSessions.length, [{ candidateKeys: candidateSessions, keysOf }]);
}

/**
 * Masks other rows of the query's positive item: an item cannot be its own negative. Not in the paper.
 *
 * @param queryItems positive item of each query
 * @param candidateItems item of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 * @throws RangeError for more pairs than `maxPairs`, arrays of other lengths, or values that are not integers.
 */
export function sameItemMask(
  queryItems: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
  limit: PairLimit = {},
): NegativeMask {
  assertPairs('sameItemMask', queryItems.length, candidateItems.length, limit);
  assertLength('sameItemMask', 'positives', positives, queryItems.length);
  assertAllIntegers('sameItemMask', { queryItems, candidateItems, positives });
  const keysOf = (query: number) => [queryItems[query]!];
  return maskByRules(positives, candidateItems.length, [{ candidateKeys: candidateItems, keysOf }]);
}

/**
 * Masks candidates that the query's user liked before. Not in the paper.
 *
 * @param histories item ids that each query's user liked; −1 is padding
 * @param candidateItems item of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 * @throws RangeError for more pairs than `maxPairs`, arrays of other lengths, or values that are not integers.
 */
export function historyMask(
  histories: readonly ArrayLike<number>[],
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
  limit: PairLimit = {},
): NegativeMask {
  assertPairs('historyMask', histories.length, candidateItems.length, limit);
  assertLength('historyMask', 'positives', positives, histories.length);
  for (const history of histories) assertIntegers('historyMask', 'histories', history);
  assertAllIntegers('historyMask', { candidateItems, positives });
  const keysOf = (query: number) => histories[query]!;
  return maskByRules(positives, candidateItems.length, [{ candidateKeys: candidateItems, keysOf }]);
}

/**
 * Masks candidates that the query's user was shown and did not like, unless the user rejected them. Such an item was
 * shown because it fits the query, and not clicking it is weak evidence. Not in the paper; LEMUR's team describes it
 * for production (Zhihu article on "Cotrain").
 *
 * @param queryUsers user of each query; −1 means unknown and equals no other
 * @param candidateItems item of each candidate, whichever user it was shown to
 * @param positives index of each query's positive among the candidates; it is never masked
 * @throws RangeError for more pairs than `maxPairs`, arrays of other lengths, or values that are not integers.
 */
export function exposedMask(
  queryUsers: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
  exposures: Exposures,
  limit: PairLimit = {},
): NegativeMask {
  assertPairs('exposedMask', queryUsers.length, candidateItems.length, limit);
  assertLength('exposedMask', 'positives', positives, queryUsers.length);
  assertAllIntegers('exposedMask', { queryUsers, candidateItems, positives });
  assertExposures(exposures);
  const notLiked = notLikedByUser(exposures);
  const keysOf = (query: number) => notLiked.get(queryUsers[query]!) ?? [];
  return maskByRules(positives, candidateItems.length, [{ candidateKeys: candidateItems, keysOf }]);
}

/** Combines masks: keeps a candidate that every mask keeps. @throws RangeError if the sizes differ. */
export function allowedByAll(...masks: readonly [NegativeMask, ...NegativeMask[]]): NegativeMask {
  const [first, ...rest] = masks;
  const values = Uint8Array.from(first.values);
  for (const mask of rest) {
    if (mask.queries !== first.queries || mask.candidates !== first.candidates) {
      throw new RangeError(
        `allowedByAll: expected ${first.queries} × ${first.candidates}, got ${mask.queries} × ${mask.candidates}`,
      );
    }
    for (let k = 0; k < values.length; k++) values[k]! *= mask.values[k]!;
  }
  return { ...first, values };
}

function assertExposures({ users, items, labels, disliked }: Exposures): void {
  assertAllIntegers('exposedMask', { 'exposures.users': users, 'exposures.items': items });
  const flags = { 'exposures.labels': labels, ...(disliked && { 'exposures.disliked': disliked }) };
  for (const [name, values] of Object.entries({ 'exposures.items': items, ...flags })) {
    assertLength('exposedMask', name, values, users.length);
  }
  for (const [name, values] of Object.entries(flags)) assertFlags('exposedMask', name, values);
}

function assertAllIntegers(where: string, arrays: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const [name, values] of Object.entries(arrays)) assertIntegers(where, name, values);
}
