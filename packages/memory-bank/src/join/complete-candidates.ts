import type { ReadableBank } from '../bank/readable-bank.js';
import { assertJoin, type FreshVectors, type JoinedVectors, type JoinOptions, joinVectors } from './join-vectors.js';

/**
 * One vector per candidate: the fresh vector, **with gradient**, or the stored one, without. The bank counts one read
 * per distinct stored item.
 *
 * @param ids `[N]` item ids; −1 is padding
 * @returns tensors owned by the caller.
 * @throws {@link ShapeError} if the fresh vectors are not `[fresh ids, dim]`, or a learned missing vector is not
 *   `[dim]`.
 * @throws RangeError if an id is not an integer below 2³¹.
 */
export function completeCandidates(
  bank: ReadableBank,
  ids: ArrayLike<number>,
  fresh?: FreshVectors,
  { missing = 'mask' }: JoinOptions = {},
): JoinedVectors {
  assertJoin('completeCandidates', bank, ids, fresh, missing);
  return joinVectors(bank, ids, fresh, missing);
}
