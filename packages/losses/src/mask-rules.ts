import type { NegativeMask } from './negative-mask.js';

/** A reason why candidates are false negatives: a query and a candidate share a key. */
export interface MaskRule {
  /** Key of each candidate. */
  readonly candidateKeys: ArrayLike<number>;
  /** Keys of a query. Negative keys match nothing. */
  readonly keysOf: (query: number) => ArrayLike<number>;
}

/**
 * Builds one mask from all rules, without an array per rule.
 *
 * @param positives index of each query's positive among the candidates; it is never masked
 * @param candidates number of candidates
 */
export function maskByRules(
  positives: ArrayLike<number>,
  candidates: number,
  rules: readonly MaskRule[],
): NegativeMask {
  const queries = positives.length;
  const values = new Uint8Array(queries * candidates).fill(1);
  for (const { candidateKeys, keysOf } of rules) {
    const indicesOf = indicesByKey(candidateKeys);
    for (let i = 0; i < queries; i++) {
      const keys = keysOf(i);
      for (let k = 0; k < keys.length; k++) {
        if (keys[k]! < 0) continue;
        for (const j of indicesOf.get(keys[k]!) ?? []) if (j !== positives[i]) values[i * candidates + j] = 0;
      }
    }
  }
  return { queries, candidates, values };
}

function indicesByKey(keys: ArrayLike<number>): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (let j = 0; j < keys.length; j++) {
    const ofKey = indices.get(keys[j]!);
    if (ofKey === undefined) indices.set(keys[j]!, [j]);
    else ofKey.push(j);
  }
  return indices;
}

/** Items that each user was shown and did not like, unless they rejected them. */
export function notLikedByUser({ users, items, labels, disliked }: Exposures): Map<number, number[]> {
  const notLiked = new Map<number, number[]>(); // user → items
  for (let row = 0; row < labels.length; row++) {
    if (users[row]! < 0 || labels[row] === 1 || disliked?.[row] === 1) continue;
    const ofUser = notLiked.get(users[row]!);
    if (ofUser === undefined) notLiked.set(users[row]!, [items[row]!]);
    else ofUser.push(items[row]!);
  }
  return notLiked;
}

/** Items that users were shown, and whether they liked them: one row per exposure. */
export interface Exposures {
  /** User of each exposure; −1 means unknown. */
  readonly users: ArrayLike<number>;
  /** Item of each exposure. */
  readonly items: ArrayLike<number>;
  /** 1 where the user liked (clicked, watched) it. */
  readonly labels: ArrayLike<number>;
  /** 1 where the user rejected the item. Such an item is a true negative and is never masked. Default: none. */
  readonly disliked?: ArrayLike<number>;
}
