import { ShapeError, stopGradient } from '@sifaka/nn';
import { reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { ReadableBank } from '../bank/readable-bank.js';
import {
  assertJoinShapes,
  type FreshVectors,
  type JoinedVectors,
  type JoinOptions,
  joinVectors,
} from './join-vectors.js';

export interface HistoryVectors {
  /** `[B, L, D]`, no gradient but for a learned missing vector; zeros where the mask is 0. */
  readonly vectors: Tensor;
  /** `[B, L]` */
  readonly mask: Tensor;
  readonly counts: JoinedVectors['counts'];
}

/**
 * LEMUR's dedup join (appendix): histories are read from the bank, and where the batch has just made a newer vector of the same item, that
 * one is taken. Values only: no gradient flows into histories, except into a learned vector of what is missing.
 *
 * @param ids `[B · L]`, −1 for padding
 * @param length `L`
 * @returns tensors owned by the caller.
 * @throws {@link ShapeError} if `L` does not divide the ids, the fresh vectors are not a row of the bank's width per id, or the learned
 *   vector is not of that width.
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
  assertJoinShapes('readHistories', bank, fresh, missing);
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
