import { assertWhole } from '@sifaka/nn';
import type { BankRows } from '../rows/bank-rows.js';
import { assertIds, LARGEST_INT } from '../rows/check-ids.js';
import { checkBankRows, checkRows } from '../rows/check-rows.js';
import { ROW_FACTS } from '../rows/row-table.js';
import type { VectorStorage } from '../rows/vector-codec.js';
import { cosineAt } from '../rows/vector-math.js';
import { assertRestorable, type BankSnapshot, type BankSnapshotInput, completeSnapshot } from './bank-snapshot.js';
import { type BankView, gatherRows } from './bank-view.js';
import { assertOptions, type BankChange, type BankHooks, type MemoryBankOptions } from './memory-bank-options.js';
import type { Nearest, NearestOptions } from './nearest.js';
import type { BankRead, ReadableBank, RowVisitor } from './readable-bank.js';
import { StoredRows } from './stored-rows.js';

export interface BankWrite {
  readonly added: number;
  readonly replaced: number;
  readonly evicted: number;
  /** Mean cosine between each replaced vector and its successor (LEMUR, Fig. 3). NaN if none was replaced. */
  readonly stalenessCosine: number;
}

export interface BankWriteOptions {
  /**
   * Number of leading values that `stalenessCosine` compares, for rows that hold more than one vector. Default: all.
   */
  readonly comparedDim?: number;
}

/**
 * LEMUR's memory bank (arXiv 2511.10962 §3): maps an item id to the item's latest vector, the step at which it was made
 * and its version, the number of writes. A training step encodes and writes its candidates; histories are only read.
 * Vectors are plain arrays on the host, without gradient or optimizer state.
 */
export class MemoryBank implements ReadableBank {
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly capacity: number | undefined;
  readonly #options: MemoryBankOptions;
  readonly #rows: StoredRows;
  readonly #view: BankView;
  readonly #scratch: Float32Array;

  /**
   * @throws RangeError if the width or the capacity is not a positive integer, or if the storage or the eviction rule
   *   is unknown.
   */
  constructor(options: MemoryBankOptions) {
    const { dim, storage = 'float32', capacity, evict = 'oldest', initialCapacity = 1024 } = options;
    assertOptions(options);
    this.dim = dim;
    this.storage = storage;
    this.capacity = capacity;
    this.#options = options;
    this.#rows = new StoredRows({ dim, storage, capacity, evict, initialCapacity });
    this.#view = this.#rows.view;
    this.#scratch = new Float32Array(dim);
  }

  /** Number of items. */
  get size(): number {
    return this.#rows.table.size;
  }

  has(id: number): boolean {
    return this.#view.has(id);
  }

  /**
   * Stores vectors and replaces older vectors of the same ids. If an id occurs twice, the later vector stays and counts
   * as replaced. If there are more ids than the capacity, the last ones stay.
   *
   * @param ids `[N]`
   * @param vectors `[N, dim]`, copied
   * @param step the training step that made the vectors; ages count from it
   * @throws RangeError if there are not `ids · dim` values, an id is not an integer in 0 … 2³¹ − 1, a value is not
   *   finite or too large for float16, the step is not an integer from 0, or `comparedDim` is not in 1 … `dim`. The
   *   bank is then unchanged.
   */
  write(
    ids: ArrayLike<number>,
    vectors: Float32Array,
    step: number,
    { comparedDim = this.dim }: BankWriteOptions = {},
  ): BankWrite {
    const { dim } = this;
    const rows = this.#rows;
    assertWhole('MemoryBank.write', { comparedDim }, 1, dim);
    checkRows('MemoryBank.write', ids, vectors, dim, rows.table.codec.limit);
    if ((step | 0) !== step || step < 0) {
      throw new RangeError(`MemoryBank.write: expected a step in 0 … 2³¹ − 1, got ${step}`);
    }
    const before = this.size;
    let added = 0;
    let cosines = 0;
    for (let i = 0; i < ids.length; i++) {
      let row = rows.find(ids[i]!);
      if (row < 0) {
        row = this.#insert(ids[i]!, step, 'write', ids);
        rows.table.setFact(row, ROW_FACTS.version, this.#options.lastVersion?.(ids[i]!) ?? 0);
        added++;
      } else {
        rows.table.readVector(row, this.#scratch, 0);
        cosines += cosineAt(this.#scratch, 0, vectors, i * dim, comparedDim);
      }
      rows.put(row, vectors, i * dim, step, Math.min(LARGEST_INT, rows.table.fact(row, ROW_FACTS.version) + 1));
    }
    const replaced = ids.length - added;
    const evicted = added - (this.size - before);
    this.#announce('write', ids);
    return { added, replaced, evicted, stalenessCosine: replaced > 0 ? cosines / replaced : Number.NaN };
  }

  /**
   * Stores rows from a store or another bank, with their steps and versions. Skips rows with a smaller version than the
   * stored one.
   *
   * @returns the number of rows stored.
   * @throws RangeError for the same reasons as {@link write}.
   */
  merge(rows: BankRows): number {
    const { table } = this.#rows;
    checkBankRows('MemoryBank.merge', rows, this.dim, table.codec.limit);
    const { ids, vectors, steps, versions } = rows;
    const arriving = this.capacity === undefined ? undefined : new Set(ids);
    const taken: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      let row = this.#rows.find(ids[i]!);
      const known = row < 0 ? -1 : table.fact(row, ROW_FACTS.version);
      if (known > versions[i]!) continue;
      if (row < 0) row = this.#insert(ids[i]!, steps[i]!, 'merge', ids, arriving);
      const readsAtWrite = table.fact(row, ROW_FACTS.readsAtWrite);
      this.#rows.put(row, vectors, i * this.dim, steps[i]!, versions[i]!);
      // An equal version is the same write, so its reads continue to count.
      if (known === versions[i]) table.setFact(row, ROW_FACTS.readsAtWrite, readsAtWrite);
      taken.push(ids[i]!);
    }
    this.#announce('merge', taken);
    return taken.length;
  }

  /**
   * Removes items; unknown ids and padding are ignored.
   *
   * @returns the number of items removed.
   * @throws RangeError if an id is not an integer below 2³¹. The bank is then unchanged.
   */
  remove(ids: ArrayLike<number>): number {
    assertIds('MemoryBank.remove', ids);
    this.#announce('remove', ids);
    let removed = 0;
    for (let i = 0; i < ids.length; i++) if (this.#rows.remove(ids[i]!)) removed++;
    return removed;
  }

  /**
   * Reads vectors and counts a read for each vector found. `leastRead` and {@link stalest} use these counts.
   *
   * @throws RangeError if `into` does not have `ids · dim` values.
   */
  read(ids: ArrayLike<number>, into?: Float32Array): BankRead {
    return gatherRows(this.#rows.table, this.#rows.index, ids, true, into);
  }

  /** Like {@link read}, but does not count reads. */
  peek(ids: ArrayLike<number>, into?: Float32Array): BankRead {
    return this.#view.read(ids, into);
  }

  /** The rows of some ids, for a store. Omits ids that are not stored. Does not count reads. */
  rows(ids: ArrayLike<number>): BankRows {
    assertIds('MemoryBank.rows', ids);
    const stored = Int32Array.from(ids).filter((id) => this.has(id));
    const { vectors, steps } = this.peek(stored);
    return { ids: stored, vectors, steps, versions: stored.map((id) => this.version(id)) };
  }

  reader(): ReadableBank {
    return this.#view;
  }

  version(id: number): number {
    return this.#view.version(id);
  }

  reads(id: number): number {
    return this.#view.reads(id);
  }

  idAt(row: number): number {
    return this.#view.idAt(row);
  }

  visit(visitor: RowVisitor): void {
    this.#view.visit(visitor);
  }

  nearest(query: ArrayLike<number>, k: number, options?: NearestOptions): Nearest {
    return this.#view.nearest(query, k, options);
  }

  /** A copy of the whole state. */
  snapshot(): BankSnapshot {
    return this.#rows.snapshot();
  }

  /**
   * A new bank with the state of a snapshot, bit for bit. It then behaves like the original.
   *
   * @param hooks callbacks, which a snapshot does not contain. They are not called for the rows of the snapshot.
   * @throws RangeError if an option is not valid, the lengths of the arrays differ, an id is negative or occurs twice,
   *   a step, version or count is negative, a vector is not finite, or there are more rows than the capacity.
   * @throws TypeError if the array type of the vectors does not match the storage.
   */
  static from(snapshot: BankSnapshotInput, hooks: BankHooks = {}): MemoryBank {
    const complete = completeSnapshot('MemoryBank.from', snapshot);
    const { dim, storage, capacity, evict } = complete;
    const { onChange, lastVersion } = hooks;
    const bank = new MemoryBank({
      dim,
      storage,
      capacity,
      evict,
      initialCapacity: complete.ids.length,
      ...(onChange === undefined ? {} : { onChange }),
      ...(lastVersion === undefined ? {} : { lastVersion }),
    });
    bank.#rows.load(complete);
    return bank;
  }

  /**
   * Replaces all rows by those of a snapshot, bit for bit. The bank then behaves like the original of the snapshot. It
   * stays the same object, with its hooks and readers, so a {@link SyncedBank} follows.
   *
   * @throws RangeError or TypeError for the same reasons as {@link assertRestorable}. The bank is then unchanged.
   */
  restore(snapshot: BankSnapshotInput): void {
    const complete = this.#restorable(snapshot);
    const { ids, versions } = complete;
    this.#options.onChange?.({ kind: 'restore', ids: ids.slice(), versions: versions.slice() });
    this.#rows.load(complete);
    this.#announce('restored', ids);
  }

  /**
   * Checks that {@link restore} accepts a snapshot, without any change.
   *
   * @throws RangeError if the snapshot has another width, storage, capacity or eviction rule, or if {@link from}
   *   refuses it.
   * @throws TypeError if the array type of the vectors does not match the storage.
   */
  assertRestorable(snapshot: BankSnapshotInput): void {
    this.#restorable(snapshot);
  }

  #restorable(snapshot: BankSnapshotInput): BankSnapshot {
    const complete = completeSnapshot('MemoryBank.restore', snapshot);
    const { dim, storage, capacity } = this;
    assertRestorable(complete, { dim, storage, capacity, evict: this.#rows.evict });
    return complete;
  }

  #announce(kind: Exclude<BankChange['kind'], 'restore'>, ids: ArrayLike<number>): void {
    const { onChange } = this.#options;
    if (onChange === undefined) return;
    const items = Int32Array.from(ids).filter((id) => id >= 0);
    if (items.length > 0) onChange({ kind, ids: items });
  }

  /** @param ids the items of this call; `arriving` is their set. */
  #insert(
    id: number,
    step: number,
    kind: 'write' | 'merge',
    ids: ArrayLike<number>,
    arriving?: ReadonlySet<number>,
  ): number {
    const onEvict = (victim: number, writtenAt: number) => {
      // A row that was stored by this call cannot be read when the call ends.
      const isNew = arriving?.has(victim) ?? (writtenAt === step && Array.prototype.includes.call(ids, victim));
      if (isNew) this.#announce(kind, [victim]);
      this.#announce('evict', [victim]);
    };
    return this.#rows.insert({ id, step, arriving, onEvict });
  }
}
