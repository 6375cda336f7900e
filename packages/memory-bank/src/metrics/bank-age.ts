import type { ReadableBank } from '../bank/readable-bank.js';
import { medianOfSorted } from '../rows/vector-math.js';

/** Steps since each stored vector was written; NaN for an empty bank. */
export interface BankAge {
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

/** Ages of the stored vectors at a step. */
export function bankAge(bank: ReadableBank, step: number): BankAge {
  const ages = new Int32Array(bank.size);
  let row = 0;
  let total = 0;
  bank.visit((_id, written) => {
    ages[row++] = step - written;
    total += step - written;
  });
  ages.sort();
  return { mean: total / ages.length, median: medianOfSorted(ages), max: ages.at(-1) ?? Number.NaN };
}
