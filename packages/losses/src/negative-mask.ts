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
 * @param querySessions session of each query; −1 where there is none, which equals no other
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

/**
 * Leaves out candidates that the query's user liked before: what somebody has liked is no example of what they do not look for.
 * Not in LEMUR's formula; ours.
 *
 * @param histories item ids of each query's user; −1, the padding, is no item
 */
export function historyMask(
  histories: readonly ArrayLike<number>[],
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
): NegativeMask {
  const numCandidates = candidateItems.length;
  const values = new Float32Array(histories.length * numCandidates).fill(1);
  const placesOf = placesByItem(candidateItems);
  histories.forEach((history, i) => {
    for (let k = 0; k < history.length; k++) {
      for (const j of placesOf.get(history[k]!) ?? []) if (j !== positives[i]) values[i * numCandidates + j] = 0;
    }
  });
  return { queries: histories.length, candidates: numCandidates, values };
}

/** Rows that show which items a user was shown without liking them. */
export interface Exposures {
  /** User of each row. */
  readonly users: ArrayLike<number>;
  /** Item that each row shows. */
  readonly items: ArrayLike<number>;
  /** 1 where the user liked (clicked, watched) it. */
  readonly labels: ArrayLike<number>;
  /** 1 where the user said that they dislike it: such an item is a true negative and is never masked. Default: nowhere. */
  readonly disliked?: ArrayLike<number>;
}

/**
 * Leaves out candidates that the query's user was shown and did not click, unless they rejected them: not clicking is no verdict, and the
 * item was shown because it suits the query. Not in LEMUR's formula; its team adds it in production (Zhihu article on "Cotrain").
 *
 * @param queryUsers the user of each query
 * @param candidateItems the item of each candidate, whoever it was shown to
 */
export function exposedMask(
  queryUsers: ArrayLike<number>,
  candidateItems: ArrayLike<number>,
  positives: ArrayLike<number>,
  { users, items, labels, disliked }: Exposures,
): NegativeMask {
  const passedOver = new Map<number, number[]>(); // user → items
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1 || disliked?.[row] === 1) continue;
    const ofUser = passedOver.get(users[row]!);
    if (ofUser === undefined) passedOver.set(users[row]!, [items[row]!]);
    else ofUser.push(items[row]!);
  }
  const ofQueries = Array.from(queryUsers, (user) => passedOver.get(user) ?? []);
  return historyMask(ofQueries, candidateItems, positives);
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

function placesByItem(candidateItems: ArrayLike<number>): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let j = 0; j < candidateItems.length; j++) {
    const ofItem = places.get(candidateItems[j]!);
    if (ofItem === undefined) places.set(candidateItems[j]!, [j]);
    else ofItem.push(j);
  }
  return places;
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
