/**
 * Mask of a contrastive loss: 1 where candidate `j` may be in the denominator of query `i`, 0 where it would be a false
 * negative. Masks are host arrays. Combine them with {@link allowedByAll}.
 */
export interface NegativeMask {
  readonly queries: number;
  readonly candidates: number;
  /** `[queries · candidates]` of 0 and 1, row by row. */
  readonly values: Float32Array;
}

/**
 * LEMUR's session mask (SQDC, arXiv 2511.10962 §3): `A_ij = 0 if i ≠ j and QID_i = QID_j, else 1`. Items of one session
 * are too similar to be negatives of each other.
 *
 * @param querySessions session of each query; −1 means no session and equals no other
 * @param candidateSessions session of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 */
export function sessionMask(
  querySessions: ArrayLike<number>,
  candidateSessions: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  return maskEqual(querySessions, candidateSessions, positives);
}

/**
 * Masks other rows of the query's positive item: an item cannot be its own negative. Not in the paper.
 *
 * @param queryItems positive item of each query
 * @param candidateItems item of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 */
export function sameItemMask(
  queryItems: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  return maskEqual(queryItems, candidateItems, positives);
}

/**
 * Masks candidates that the query's user liked before. Not in the paper.
 *
 * @param histories item ids that each query's user liked; −1 is padding
 * @param candidateItems item of each candidate
 * @param positives index of each query's positive among the candidates; it is never masked
 */
export function historyMask(
  histories: readonly ArrayLike<number>[],
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  const numCandidates = candidateItems.length;
  const values = new Float32Array(histories.length * numCandidates).fill(1);
  const indicesOf = indicesByItem(candidateItems);
  histories.forEach((history, i) => {
    for (let k = 0; k < history.length; k++) {
      for (const j of indicesOf.get(history[k]!) ?? []) if (j !== positives[i]) values[i * numCandidates + j] = 0;
    }
  });
  return { queries: histories.length, candidates: numCandidates, values };
}

/** Items that users were shown, and whether they liked them: one row per exposure. */
export interface Exposures {
  /** User of each exposure. */
  readonly users: ArrayLike<number>;
  /** Item of each exposure. */
  readonly items: ArrayLike<number>;
  /** 1 where the user liked (clicked, watched) it. */
  readonly labels: ArrayLike<number>;
  /** 1 where the user rejected the item. Such an item is a true negative and is never masked. Default: none. */
  readonly disliked?: ArrayLike<number>;
}

/**
 * Masks candidates that the query's user was shown and did not like, unless the user rejected them. Such an item was
 * shown because it fits the query, and not clicking it is weak evidence. Not in the paper; LEMUR's team describes it
 * for production (Zhihu article on "Cotrain").
 *
 * @param queryUsers user of each query
 * @param candidateItems item of each candidate, whichever user it was shown to
 * @param positives index of each query's positive among the candidates; it is never masked
 */
export function exposedMask(
  queryUsers: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
  { users, items, labels, disliked }: Exposures,
): NegativeMask {
  const notLiked = new Map<number, number[]>(); // user → items
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1 || disliked?.[row] === 1) continue;
    const ofUser = notLiked.get(users[row]!);
    if (ofUser === undefined) notLiked.set(users[row]!, [items[row]!]);
    else ofUser.push(items[row]!);
  }
  const ofQueries = Array.from(queryUsers, (user) => notLiked.get(user) ?? []);
  return historyMask(ofQueries, candidateItems, positives);
}

/** Combines masks: keeps a candidate that every mask keeps. @throws RangeError if the sizes differ. */
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

function indicesByItem(candidateItems: ArrayLike<number>): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (let j = 0; j < candidateItems.length; j++) {
    const ofItem = indices.get(candidateItems[j]!);
    if (ofItem === undefined) indices.set(candidateItems[j]!, [j]);
    else ofItem.push(j);
  }
  return indices;
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
      const differ = queryKeys[i]! < 0 || queryKeys[i] !== candidateKeys[j];
      values[i * candidates + j] = j === positives[i] || differ ? 1 : 0;
    }
  }
  return { queries, candidates, values };
}
