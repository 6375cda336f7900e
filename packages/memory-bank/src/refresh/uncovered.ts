import type { ReadableBank } from '../bank/readable-bank.js';
import { TopK } from '../bank/top-k.js';

export interface UncoveredOptions {
  readonly bank: ReadableBank;
  /** Candidates and histories that are to come, −1 for padding. */
  readonly ids: ArrayLike<number>;
  /** How many items may be encoded. Default: all. */
  readonly budget?: number;
}

/**
 * The items that have no vector yet, the most frequent of `ids` first, of equal ones the smaller id: what to encode to warm a bank up.
 *
 * @returns distinct ids, at most `budget`.
 */
export function uncovered({ bank, ids, budget = Number.POSITIVE_INFINITY }: UncoveredOptions): Int32Array {
  const counts = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id >= 0 && !bank.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const first = new TopK(Math.min(budget, counts.size));
  for (const [id, count] of counts) first.offer(count, id);
  return first.sorted().items;
}
