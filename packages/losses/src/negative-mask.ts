/**
 * Masks of a contrastive loss: `mask[i, j]` is 1 where candidate `j` may stand in the denominator of query `i`, 0 where it would be a
 * false negative. They are host arrays, row by row, and combine by {@link allowedByAll}.
 */
export interface NegativeMask {
  readonly queries: number;
  readonly candidates: number;
  /** `[queries · candidates]` of 0 and 1. */
  readonly values: Float32Array;
}

/**
 * LEMUR's session mask (SQDC): `A_ij = 0 if i ≠ j and QID_i = QID_j, else 1`. Items of one session are too alike to be each other's
 * negatives.
 *
 * @param querySessions session of each query
 * @param candidateSessions session of each candidate
 * @param positives for each query, the place of its own positive among the candidates; it is always kept.
 */
export function sessionMask(
  querySessions: ArrayLike<number>,
  candidateSessions: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  return maskEqual(querySessions, candidateSessions, positives);
}

/**
 * Leaves out candidates that are the query's own positive item under another row: the same document cannot be its own negative.
 * Not in LEMUR's formula; ours.
 *
 * @param queryItems the positive item of each query
 * @param candidateItems the item of each candidate
 */
export function sameItemMask(
  queryItems: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  return maskEqual(queryItems, candidateItems, positives);
}

/** Leaves out candidates that the query's user liked before. Not in LEMUR's formula; ours. @param histories item ids of each query's user */
export function historyMask(
  histories: readonly ArrayLike<number>[],
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  const values = new Float32Array(histories.length * candidateItems.length).fill(1);
  histories.forEach((history, i) => {
    const liked = new Set(Array.from(history));
    for (let j = 0; j < candidateItems.length; j++) {
      if (j !== positives[i] && liked.has(candidateItems[j]!)) values[i * candidateItems.length + j] = 0;
    }
  });
  return { queries: histories.length, candidates: candidateItems.length, values };
}

/** A candidate stays where every mask lets it. @throws RangeError if sizes differ. */
export function allowedByAll(...masks: readonly [NegativeMask, ...NegativeMask[]]): NegativeMask {
  const [first, ...rest] = masks;
  const values = Float32Array.from(first.values);
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

function maskEqual(
  queryKeys: ArrayLike<number>,
  candidateKeys: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  const queries = queryKeys.length;
  const candidates = candidateKeys.length;
  const values = new Float32Array(queries * candidates);
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < candidates; j++) {
      values[i * candidates + j] = j === positives[i] || queryKeys[i] !== candidateKeys[j] ? 1 : 0;
    }
  }
  return { queries, candidates, values };
}
