import type { BankRows } from './bank-rows.js';

/**
 * Checks rows before a write: `dim` values per id, ids in 0 … 2³¹ − 1, and finite values with a magnitude below
 * `limit`.
 *
 * @throws RangeError that names the first invalid id or item.
 */
export function checkRows(
  where: string,
  ids: ArrayLike<number>,
  vectors: Float32Array,
  dim: number,
  limit: number = Number.POSITIVE_INFINITY,
): void {
  assertLength(where, vectors, ids.length, dim);
  for (let i = 0; i < ids.length; i++) {
    if ((ids[i]! | 0) !== ids[i] || ids[i]! < 0) {
      throw new RangeError(`${where}: expected ids in 0 … 2³¹ − 1, got ${ids[i]} at ${i}`);
    }
  }
  for (let i = 0; i < vectors.length; i++) {
    const value = vectors[i]!;
    // False for NaN and for infinity.
    if (Math.abs(value) < limit) continue;
    const expected = Number.isFinite(value) ? `magnitudes below ${limit}, the limit of float16` : 'finite values';
    throw new RangeError(`${where}: item ${ids[Math.floor(i / dim)]}: expected ${expected}, got ${value}`);
  }
}

/** @throws RangeError if there are not `count · dim` values. */
export function assertLength(where: string, values: ArrayLike<number>, count: number, dim: number): void {
  if (values.length !== count * dim) {
    throw new RangeError(`${where}: expected ${count} × ${dim} values, got ${values.length}`);
  }
}

/** As {@link checkRows}, for rows with steps and versions, which are not negative. */
export function checkBankRows(where: string, rows: BankRows, dim: number, limit?: number): void {
  checkRows(where, rows.ids, rows.vectors, dim, limit);
  for (const name of ['steps', 'versions'] as const) {
    assertLength(`${where}: ${name}`, rows[name], rows.ids.length, 1);
    assertCounts(`${where}: ${name}`, rows[name]);
  }
}

/** @throws RangeError that names the first value that is not an integer in 0 … 2³¹ − 1. */
export function assertCounts(where: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if ((value | 0) !== value || value < 0) {
      throw new RangeError(`${where}: expected integers in 0 … 2³¹ − 1, got ${value} at ${i}`);
    }
  }
}
