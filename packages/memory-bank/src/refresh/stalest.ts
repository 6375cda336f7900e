import type { ReadableBank } from '../bank/readable-bank.js';
import { TopK } from '../bank/top-k.js';

export interface StalestOptions {
  readonly bank: ReadableBank;
  /** The current step. */
  readonly step: number;
  /** Maximum number of items to encode again. */
  readonly budget: number;
}

/**
 * The items to encode again within a budget: those with the highest age × reads since their last write. Ties go to the
 * smaller id. Omits items that were not read since their last write, and items written in this step. Not in the paper:
 * LEMUR encodes only the candidates of a batch and names stale vectors as a limitation.
 *
 * @returns at most `budget` ids, the highest first.
 */
export function stalest({ bank, step, budget }: StalestOptions): Int32Array {
  const worst = new TopK(budget);
  bank.visit((id, written, _version, _reads, readsSinceWrite) => {
    const score = (step - written) * readsSinceWrite;
    if (score > 0) worst.offer(score, id);
  });
  return worst.sorted().items;
}
