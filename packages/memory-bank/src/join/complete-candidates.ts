import type { ReadableBank } from '../bank/readable-bank.js';
import {
  assertJoinShapes,
  type FreshVectors,
  type JoinedVectors,
  type JoinOptions,
  joinVectors,
} from './join-vectors.js';

/**
 * The batch's candidates, one vector each: fresh ones **with gradient**, the others as stored.
 *
 * @param ids `N` item ids
 * @returns tensors owned by the caller.
 * @throws {@link ShapeError} if the fresh vectors are not a row of the bank's width per id, or the learned vector is not of that width.
 */
export function completeCandidates(
  bank: ReadableBank,
  ids: ArrayLike<number>,
  fresh?: FreshVectors,
  { missing = 'mask' }: JoinOptions = {},
): JoinedVectors {
  assertJoinShapes('completeCandidates', bank, fresh, missing);
  return joinVectors(bank, ids, fresh, missing);
}
