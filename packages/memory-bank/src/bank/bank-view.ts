import { assertId, assertIds } from '../rows/check-ids.js';
import { assertLength } from '../rows/check-rows.js';
import type { IntIndex } from '../rows/int-index.js';
import { ROW_FACTS, type RowTable } from '../rows/row-table.js';
import { type Nearest, type NearestOptions, nearestRows } from './nearest.js';
import type { BankRead, ReadableBank, RowVisitor } from './readable-bank.js';

/** Rows to prefetch at a time. */
const BLOCK = 64;

/** A read-only view of a bank's rows. Its reads are not counted. */
export class BankView implements ReadableBank {
  readonly dim: number;
  readonly #table: RowTable;
  readonly #index: IntIndex;

  constructor(table: RowTable, index: IntIndex) {
    this.dim = table.dim;
    this.#table = table;
    this.#index = index;
  }

  get size(): number {
    return this.#table.size;
  }

  has(id: number): boolean {
    assertId('MemoryBank.has', id);
    return this.#index.find(id) >= 0;
  }

  read(ids: ArrayLike<number>, into?: Float32Array): BankRead {
    return gatherRows(this.#table, this.#index, ids, false, into);
  }

  version(id: number): number {
    return this.#factOf('version', id, ROW_FACTS.version);
  }

  reads(id: number): number {
    return this.#factOf('reads', id, ROW_FACTS.reads);
  }

  idAt(row: number): number {
    if (!(Number.isInteger(row) && row >= 0 && row < this.size)) {
      throw new RangeError(`MemoryBank.idAt: expected a row in 0 … ${this.size - 1}, got ${row}`);
    }
    return this.#table.fact(row, ROW_FACTS.id);
  }

  visit(visitor: RowVisitor): void {
    const table = this.#table;
    const { id, step, version, reads, readsAtWrite } = ROW_FACTS;
    for (let row = 0; row < table.size; row++) {
      const read = table.fact(row, reads);
      const sinceWrite = read - table.fact(row, readsAtWrite);
      visitor(table.fact(row, id), table.fact(row, step), table.fact(row, version), read, sinceWrite);
    }
  }

  nearest(query: ArrayLike<number>, k: number, options: NearestOptions = {}): Nearest {
    return nearestRows(this.#table, query, k, options);
  }

  reader(): ReadableBank {
    return this;
  }

  #factOf(method: string, id: number, fact: number): number {
    if ((id | 0) !== id) assertId(`MemoryBank.${method}`, id);
    const row = this.#index.find(id);
    return row < 0 ? 0 : this.#table.fact(row, fact);
  }
}

/**
 * Reads the rows of some ids.
 *
 * @param counted whether to count the reads
 * @param into `[N, dim]` receives the vectors. Default: a new array.
 * @throws RangeError if an id is not an integer below 2³¹, or `into` does not have `ids · dim` values.
 */
export function gatherRows(
  table: RowTable,
  index: IntIndex,
  ids: ArrayLike<number>,
  counted: boolean,
  into?: Float32Array,
): BankRead {
  const { dim } = table;
  assertIds('MemoryBank.read', ids);
  if (into !== undefined) assertLength('MemoryBank.read: into', into, ids.length, dim);
  const vectors = into ?? new Float32Array(ids.length * dim);
  const found = new Uint8Array(ids.length);
  const steps = new Int32Array(ids.length).fill(-1);
  const rows = new Int32Array(BLOCK);
  for (let first = 0; first < ids.length; first += BLOCK) {
    const count = Math.min(BLOCK, ids.length - first);
    for (let i = 0; i < count; i++) {
      const row = index.find(ids[first + i]!);
      rows[i] = row;
      if (row >= 0) found[first + i] = 1;
      else if (into !== undefined) vectors.fill(0, (first + i) * dim, (first + i + 1) * dim);
    }
    table.touchRows(rows, count);
    table.readRows(rows, count, vectors, steps, first, counted);
  }
  return { vectors, found, steps };
}
