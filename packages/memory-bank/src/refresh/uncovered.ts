import type { ReadableBank } from '../bank/readable-bank.js';
import { TopK } from '../bank/top-k.js';
import { assertIds } from '../rows/check-ids.js';

export interface UncoveredOptions {
  readonly bank: ReadableBank;
  /** Ids of upcoming candidates and histories; −1 is padding. */
  readonly ids: ArrayLike<number>;
  /** Maximum number of items to encode. Default: all. */
  readonly budget?: number;
}

/**
 * The items to encode to warm up a bank: those without a stored vector, most frequent in `ids` first. Ties go to the
 * smaller id.
 *
 * @returns at most `budget` distinct ids.
 * @throws RangeError if an id is not an integer below 2³¹.
 */
export function uncovered({ bank, ids, budget = Number.POSITIVE_INFINITY }: UncoveredOptions): Int32Array {
  assertIds('uncovered', ids);
  const counts = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id >= 0 && !bank.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const first = new TopK(Math.min(budget, counts.size));
  for (const [id, count] of counts) first.offer(count, id);
  return first.sorted().items;
}
