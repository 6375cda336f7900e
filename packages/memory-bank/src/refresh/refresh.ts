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
