import { IntIndex } from '../rows/int-index.js';
import { ROW_FACTS, RowTable } from '../rows/row-table.js';
import type { VectorStorage } from '../rows/vector-codec.js';
import type { BankSnapshot } from './bank-snapshot.js';
import { BankView } from './bank-view.js';
import { Eviction, type EvictionRule } from './eviction.js';

export interface StoredRowsOptions {
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly capacity: number | undefined;
  readonly evict: EvictionRule;
  readonly initialCapacity: number;
}

/** An item that needs a row. */
export interface Arrival {
  readonly id: number;
  readonly step: number;
  /** Ids that arrive together; see {@link Eviction.next}. Default: the items written at `step`. */
  readonly arriving?: ReadonlySet<number> | undefined;
  /** Called with the item that gives way and the step of its row, while it can still be read. */
  readonly onEvict: (victim: number, writtenAt: number) => void;
}

/** The rows of a bank by item id: where they are, which one gives way when the bank is full, and their snapshot. */
export class StoredRows {
  readonly capacity: number | undefined;
  readonly index: IntIndex;
  readonly table: RowTable;
  readonly view: BankView;
  readonly #eviction: Eviction;

  constructor({ dim, storage, capacity, evict, initialCapacity }: StoredRowsOptions) {
    this.capacity = capacity;
    this.index = new IntIndex(initialCapacity);
    this.table = new RowTable(dim, storage);
    this.table.reserve(initialCapacity);
    this.#eviction = new Eviction(evict, capacity ?? 1);
    this.view = new BankView(this.table, this.index);
  }

  get evict(): EvictionRule {
    return this.#eviction.rule;
  }

  /** Row of an item; negative if it has none. */
  find(id: number): number {
    return this.index.find(id);
  }

  /** Makes a row for a new item, in place of another one if the bank is full. @returns the row */
  insert({ id, step, arriving, onEvict }: Arrival): number {
    const { table, index } = this;
    let row: number;
    if (table.size === this.capacity) {
      row = this.#eviction.next(table, index, step, arriving);
      const victim = table.fact(row, ROW_FACTS.id);
      onEvict(victim, table.fact(row, ROW_FACTS.step));
      index.delete(victim);
      table.clear(row, id);
    } else {
      row = table.append(id);
    }
    index.set(id, row);
    return row;
  }

  /** Sets a row's vector, of which the values begin at `from`, with its step and version. */
  put(row: number, vectors: Float32Array, from: number, step: number, version: number): void {
    const { table } = this;
    table.writeVector(row, vectors, from);
    table.setFact(row, ROW_FACTS.step, step);
    table.setFact(row, ROW_FACTS.version, version);
    table.setFact(row, ROW_FACTS.readsAtWrite, table.fact(row, ROW_FACTS.reads));
  }

  /** Removes an item. The last row takes its place. @returns whether it had a row */
  remove(id: number): boolean {
    const row = this.index.find(id);
    if (row < 0) return false;
    this.index.delete(id);
    const moved = this.table.remove(row);
    if (moved >= 0) this.index.set(moved, row);
    return true;
  }

  snapshot(): BankSnapshot {
    const { table } = this;
    return {
      dim: table.dim,
      storage: table.codec.storage,
      capacity: this.capacity,
      evict: this.evict,
      ids: table.column('id'),
      ...table.encoded(),
      steps: table.column('step'),
      versions: table.column('version'),
      reads: table.column('reads'),
      readsAtWrite: table.column('readsAtWrite'),
      victims: this.#eviction.snapshot(),
    };
  }

  /** Replaces all rows by those of a snapshot. */
  load({ ids, vectors, scales, steps, versions, reads, readsAtWrite, victims }: BankSnapshot): void {
    const { table, index } = this;
    table.clearAll();
    index.clear();
    for (const id of ids) index.set(id, table.append(id));
    table.setEncoded(vectors, scales);
    table.setColumn('step', steps);
    table.setColumn('version', versions);
    table.setColumn('reads', reads);
    table.setColumn('readsAtWrite', readsAtWrite);
    this.#eviction.restore(victims);
  }
}
