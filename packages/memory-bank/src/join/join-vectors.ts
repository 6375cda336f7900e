import { assertShape } from '@sifaka/nn';
import { concat, gather, reshape, type Tensor, tensor1d, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { ReadableBank } from '../bank/readable-bank.js';
import { assertIds } from '../rows/check-ids.js';
import { IntIndex } from '../rows/int-index.js';

/** Vectors encoded in this step. */
export interface FreshVectors {
  /** If an id occurs twice, its later vector is used. */
  readonly ids: ArrayLike<number>;
  /** `[E, D]`, one per id. */
  readonly vectors: Tensor;
}

/**
 * How to read a missing item, which has neither a fresh nor a stored vector. The paper does not define this.
 *
 * - `mask`: a zero vector with mask 0.
 * - `zero`: a zero vector with mask 1.
 * - a tensor `[D]`: this vector with mask 1. It receives the gradient of all positions where it is used.
 */
export type MissingItems = 'mask' | 'zero' | Tensor;

export interface JoinOptions {
  /** Default `mask`. A negative id (padding, or an unknown item) is always a zero vector with mask 0. */
  readonly missing?: MissingItems;
}

export interface JoinedVectors {
  /** `[N, D]`; for missing items see {@link MissingItems}. */
  readonly vectors: Tensor;
  /** `[N]`: 1 for a vector, 0 for padding and masked missing items. */
  readonly mask: Tensor;
  /** Number of positions with a fresh vector, with a stored vector, and with a missing item. Padding is not counted. */
  readonly counts: { readonly fresh: number; readonly stored: number; readonly missing: number };
}

/**
 * @throws ShapeError if the fresh vectors or the missing vector do not fit the bank.
 * @throws RangeError if an id is not an integer below 2³¹.
 */
export function assertJoin(
  where: string,
  bank: ReadableBank,
  ids: ArrayLike<number>,
  fresh: FreshVectors | undefined,
  missing: MissingItems,
): void {
  assertIds(where, ids);
  if (fresh !== undefined) assertIds(`${where}: fresh ids`, fresh.ids);
  if (fresh !== undefined) assertShape(`${where}: fresh vectors`, fresh.vectors, [fresh.ids.length, bank.dim]);
  if (typeof missing !== 'string') assertShape(`${where}: missing vector`, missing, [bank.dim]);
}

/**
 * Looks up each distinct id once and moves its vector to the device once. The positions are gathered there. The bank
 * therefore counts one read per distinct stored id.
 */
export function joinVectors(
  bank: ReadableBank,
  ids: ArrayLike<number>,
  fresh: FreshVectors | undefined,
  missing: MissingItems,
): JoinedVectors {
  // Rows to gather from: zeros (padding and missing items), fresh vectors, the learned missing vector, stored vectors.
  const learned = typeof missing === 'string' ? undefined : missing;
  const freshRows = fresh?.ids.length ?? 0;
  const missingRow = learned === undefined ? 0 : 1 + freshRows;
  const firstStored = 1 + freshRows + (learned === undefined ? 0 : 1);
  const rowOf = new IntIndex(freshRows + 1024);
  for (let i = 0; i < freshRows; i++) rowOf.set(fresh!.ids[i]!, 1 + i);
  const stored: number[] = [];
  const positions = new Int32Array(ids.length);
  const known = new Float32Array(ids.length);
  const counts = { fresh: 0, stored: 0, missing: 0 };
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id < 0) continue;
    let row = rowOf.find(id);
    if (row < 0) {
      row = bank.has(id) ? firstStored + stored.push(id) - 1 : missingRow;
      rowOf.set(id, row);
    }
    positions[i] = row;
    known[i] = row === missingRow && missing === 'mask' ? 0 : 1;
    if (row === missingRow) counts.missing++;
    else if (row >= firstStored) counts.stored++;
    else counts.fresh++;
  }
  const vectors = tidy(() => {
    const parts: Tensor[] = [zeros([1, bank.dim])];
    if (freshRows > 0) parts.push(fresh!.vectors);
    if (learned !== undefined) parts.push(reshape(learned, [1, bank.dim]));
    if (stored.length > 0) parts.push(tensor2d(bank.read(stored).vectors, [stored.length, bank.dim]));
    return gather(parts.length > 1 ? concat(parts, 0) : parts[0]!, tensor1d(positions, 'int32')); // [N, D]
  });
  return { vectors, mask: tensor1d(known), counts };
}
