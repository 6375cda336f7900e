import type { ReadableBank } from '../bank/readable-bank.js';
import { TopK } from '../bank/top-k.js';

export interface StalestOptions {
  readonly bank: ReadableBank;
  /** The present step. */
  readonly step: number;
  /** How many items may be encoded again. */
  readonly budget: number;
}

/**
 * The items that a refresh budget does most for: by age × reads since they were last written, most first; of equal ones the smaller id. An
 * item that nobody has read since, or that was written in this step, is never among them. LEMUR encodes only what a batch's candidates
 * are, and names the vectors that fall behind as its limit; encoding these too, forward only, is this library's answer.
 *
 * @returns at most `budget` ids.
 */
export function stalest({ bank, step, budget }: StalestOptions): Int32Array {
  const worst = new TopK(budget);
  bank.visit((id, written, _version, _reads, readsSinceWrite) => {
    const score = (step - written) * readsSinceWrite;
    if (score > 0) worst.offer(score, id);
  });
  return worst.sorted().items;
}
