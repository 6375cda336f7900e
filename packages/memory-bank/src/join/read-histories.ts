import { ShapeError, stopGradient } from '@sifaka/nn';
import { reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { ReadableBank } from '../bank/readable-bank.js';
import { assertJoin, type FreshVectors, type JoinedVectors, type JoinOptions, joinVectors } from './join-vectors.js';

export interface HistoryVectors {
  /** `[B, L, D]`; zeros where the mask is 0. No gradient, except for a learned missing vector. */
  readonly vectors: Tensor;
  /** `[B, L]` */
  readonly mask: Tensor;
  readonly counts: JoinedVectors['counts'];
}

/**
 * LEMUR's dedup join (arXiv 2511.10962, appendix): reads histories from the bank, but takes the fresh vector of an item
 * that this batch has encoded. Histories are constants: no gradient flows back through them, except into a learned
 * missing vector. The bank counts one read per distinct stored item.
 *
 * @param ids `[B · L]` item ids, row by row; a negative id is padding or unknown
 * @param length `L`
 * @returns tensors owned by the caller.
 * @throws {@link ShapeError} if `L` does not divide the number of ids, the fresh vectors are not `[fresh ids, dim]`, or
 *   a learned missing vector is not `[dim]`.
 * @throws RangeError if a fresh id is not an integer below 2³¹.
 */
export function readHistories(
  bank: ReadableBank,
  ids: Int32Array,
  length: number,
  fresh?: FreshVectors,
  { missing = 'mask' }: JoinOptions = {},
): HistoryVectors {
  if (length <= 0 || ids.length % length !== 0) {
    throw new ShapeError('readHistories: ids', `[B · ${length}]`, [ids.length]);
  }
  assertJoin('readHistories', bank, ids, fresh, missing);
  const batch = ids.length / length;
  const newest = fresh === undefined ? undefined : { ids: fresh.ids, vectors: stopGradient(fresh.vectors) };
  const { vectors, mask, counts } = joinVectors(bank, ids, newest, missing);
  newest?.vectors.dispose();
  const shaped = tidy(() => ({
    vectors: reshape(vectors, [batch, length, bank.dim]),
    mask: reshape(mask, [batch, length]),
  }));
  vectors.dispose();
  mask.dispose();
  return { ...shaped, counts };
}
