import { assertShape, ShapeError, stopGradient } from '@sifaka/nn';
import { concat, gather, reshape, type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { ReadableBank } from './readable-bank.js';

/** Vectors that this step made. */
export interface FreshVectors {
  readonly ids: ArrayLike<number>;
  /** `[E, D]`, a row per id. */
  readonly vectors: Tensor;
}

/**
 * What an item reads as that neither the batch nor the bank knows; the paper leaves it open. `mask`: zeros, and left out of whatever the mask
 * governs. `zero`: a zero vector that takes part (mask 1). A tensor `[D]`: that vector takes part, and gets the gradient of all its places.
 */
export type MissingItems = 'mask' | 'zero' | Tensor;

export interface JoinOptions {
  /** Default `mask`. Padding (−1) is zeros and mask 0 whatever is chosen. */
  readonly missing?: MissingItems;
}

export interface JoinedVectors {
  /** `[N, D]`; for what neither the batch nor the bank knows see {@link MissingItems}. */
  readonly vectors: Tensor;
  /** `[N]`: 1 where there is a vector. */
  readonly mask: Tensor;
  /** Places whose vector came fresh from the batch, from the bank, and from nowhere (padding, −1, is not counted). */
  readonly counts: { readonly fresh: number; readonly stored: number; readonly missing: number };
}

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
  assertShapes('completeCandidates', bank, fresh, missing);
  return join(bank, ids, fresh, missing);
}

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
  assertShapes('readHistories', bank, fresh, missing);
  const batch = ids.length / length;
  const newest = fresh === undefined ? undefined : { ids: fresh.ids, vectors: stopGradient(fresh.vectors) };
  const { vectors, mask, counts } = join(bank, ids, newest, missing);
  newest?.vectors.dispose();
  const shaped = tidy(() => ({
    vectors: reshape(vectors, [batch, length, bank.dim]),
    mask: reshape(mask, [batch, length]),
  }));
  vectors.dispose();
  mask.dispose();
  return { ...shaped, counts };
}

function assertShapes(where: string, bank: ReadableBank, fresh: FreshVectors | undefined, missing: MissingItems): void {
  if (fresh !== undefined) assertShape(`${where}: fresh vectors`, fresh.vectors, [fresh.ids.length, bank.dim]);
  if (typeof missing !== 'string') assertShape(`${where}: missing vector`, missing, [bank.dim]);
}

/** Each distinct id goes to the device once; positions are then looked up there. */
function join(
  bank: ReadableBank,
  ids: ArrayLike<number>,
  fresh: FreshVectors | undefined,
  missing: MissingItems,
): JoinedVectors {
  const counts = { fresh: 0, stored: 0, missing: 0 };
  const freshPlace = new Map<number, number>();
  for (let i = 0; i < (fresh?.ids.length ?? 0); i++) freshPlace.set(fresh!.ids[i]!, i);

  // Row 0 of the looked-up table is zeros for padding and what is missing, then stored rows, then the fresh ones, then the learned one.
  const storedPlace = new Map<number, number>();
  const positions = new Int32Array(ids.length);
  const known = new Float32Array(ids.length);
  const freshPositions: number[] = [];
  const missingPositions: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id < 0) continue;
    const place = freshPlace.get(id);
    if (place !== undefined) {
      positions[i] = place;
      freshPositions.push(i);
      counts.fresh++;
    } else if (bank.has(id)) {
      if (!storedPlace.has(id)) storedPlace.set(id, storedPlace.size);
      positions[i] = 1 + storedPlace.get(id)!;
      counts.stored++;
    } else {
      counts.missing++;
      missingPositions.push(i);
      if (missing === 'mask') continue;
    }
    known[i] = 1;
  }
  const stored = bank.read(Int32Array.from(storedPlace.keys()));
  for (const i of freshPositions) positions[i]! += 1 + storedPlace.size;
  const learned = typeof missing === 'string' ? undefined : missing;
  const learnedPosition = 1 + storedPlace.size + (fresh?.ids.length ?? 0);
  if (learned !== undefined) for (const i of missingPositions) positions[i] = learnedPosition;

  const block = new Float32Array((1 + storedPlace.size) * bank.dim);
  block.set(stored.vectors, bank.dim);
  const vectors = tidy(() => {
    const table = tensor2d(block, [1 + storedPlace.size, bank.dim]);
    const parts: Tensor[] = [table];
    if (fresh !== undefined && fresh.ids.length > 0) parts.push(fresh.vectors);
    if (learned !== undefined) parts.push(reshape(learned, [1, bank.dim]));
    return gather(parts.length > 1 ? concat(parts, 0) : table, tensor1d(positions, 'int32')); // [N, D]
  });
  return { vectors, mask: tensor1d(known), counts };
}
