import { assertId } from '../rows/check-ids.js';
import { ROW_FACTS, type RowTable } from '../rows/row-table.js';
import { TopK } from './top-k.js';

export interface NearestOptions {
  /** Ids to exclude. Default: none. */
  readonly exclude?: Iterable<number>;
}

/** Best first. Ties are in the order of the bank's rows. */
export interface Nearest {
  readonly ids: Int32Array;
  readonly cosines: Float64Array;
}

const BLOCK_ROWS = 64;

/**
 * Exact nearest neighbours by cosine. It decodes and compares every row, in blocks that fit in the CPU's cache.
 *
 * @param query `[D]`; a zero query has a cosine of 0 with every item
 * @returns at most `k` neighbours.
 * @throws RangeError if the query has another width or `k` is not an integer from 0.
 */
export function nearestRows(
  table: RowTable,
  query: ArrayLike<number>,
  k: number,
  { exclude = [] }: NearestOptions = {},
): Nearest {
  const { dim, size } = table;
  if (query.length !== dim)
    throw new RangeError(`MemoryBank.nearest: expected a query of width ${dim}, got ${query.length}`);
  if (!(Number.isInteger(k) && k >= 0)) throw new RangeError(`MemoryBank.nearest: expected an integer k ≥ 0, got ${k}`);
  const excluded = new Set(exclude);
  for (const id of excluded) assertId('MemoryBank.nearest: exclude', id);
  const target = Float32Array.from(query);
  let norm = 0;
  for (const value of target) norm += value * value;
  norm = Math.sqrt(norm);

  const best = new TopK(k);
  const block = new Float32Array(BLOCK_ROWS * dim);
  for (let first = 0; first < size; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, size - first);
    for (let i = 0; i < count; i++) table.readVector(first + i, block, i * dim);
    for (let i = 0; i < count; i++) {
      const cosine = norm === 0 ? 0 : projectionAt(block, i * dim, target) / norm;
      if (excluded.size > 0 && excluded.has(table.fact(first + i, ROW_FACTS.id))) continue;
      best.offer(cosine, first + i);
    }
  }
  const { items, scores } = best.sorted();
  return { ids: items.map((row) => table.fact(row, ROW_FACTS.id)), cosines: scores };
}

/** `xᵀq / |x|`; 0 for a zero vector. Uses two accumulators per sum, so that additions do not wait for each other. */
function projectionAt(block: Float32Array, from: number, query: Float32Array): number {
  const dim = query.length;
  let dot0 = 0;
  let dot1 = 0;
  let norm0 = 0;
  let norm1 = 0;
  let i = 0;
  for (; i + 4 <= dim; i += 4) {
    const at = from + i;
    const a = block[at]!;
    const b = block[at + 1]!;
    const c = block[at + 2]!;
    const d = block[at + 3]!;
    dot0 += a * query[i]! + b * query[i + 1]!;
    dot1 += c * query[i + 2]! + d * query[i + 3]!;
    norm0 += a * a + b * b;
    norm1 += c * c + d * d;
  }
  for (; i < dim; i++) {
    const a = block[from + i]!;
    dot0 += a * query[i]!;
    norm0 += a * a;
  }
  const squared = norm0 + norm1;
  return squared === 0 ? 0 : (dot0 + dot1) / Math.sqrt(squared);
}
