export interface MemoryBankOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** Rows to make room for at once; the bank grows beyond. Default 1024. */
  readonly initialCapacity?: number;
}

/** What the bank holds for some ids. */
export interface BankRead {
  /** `[N, dim]`, zeros where nothing is stored. */
  readonly vectors: Float32Array;
  /** 1 where a vector is stored. */
  readonly found: Uint8Array;
  /** The step at which each vector was written; −1 where nothing is stored. */
  readonly steps: Int32Array;
}

export interface BankWrite {
  readonly added: number;
  readonly replaced: number;
  /** Mean cosine between each replaced vector and its successor (LEMUR, Fig. 3); NaN when none was replaced. */
  readonly stalenessCosine: number;
}

/** All that a bank holds, in the order of first writing: for checkpoints. */
export interface BankSnapshot {
  readonly dim: number;
  readonly ids: Int32Array;
  /** `[N, dim]` */
  readonly vectors: Float32Array;
  readonly steps: Int32Array;
  readonly versions: Int32Array;
}

/**
 * LEMUR's memory bank (arXiv 2511.10962 §3): item id → the item's latest vector, with the step and the number of its writings. Only
 * the batch's own candidates are encoded and written; histories are read. Plain numbers on the host: no gradient, no optimizer state.
 */
export class MemoryBank {
  readonly dim: number;
  readonly #rows = new Map<number, number>();
  #ids: Int32Array;
  #vectors: Float32Array;
  #steps: Int32Array;
  #versions: Int32Array;

  /** @throws RangeError if the width is not a positive whole number. */
  constructor({ dim, initialCapacity = 1024 }: MemoryBankOptions) {
    if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`MemoryBank: expected a positive dim, got ${dim}`);
    this.dim = dim;
    this.#ids = new Int32Array(initialCapacity);
    this.#vectors = new Float32Array(initialCapacity * dim);
    this.#steps = new Int32Array(initialCapacity);
    this.#versions = new Int32Array(initialCapacity);
  }

  /** Items stored. */
  get size(): number {
    return this.#rows.size;
  }

  has(id: number): boolean {
    return this.#rows.has(id);
  }

  /**
   * Stores vectors, replacing older ones of the same ids. Of an id that occurs twice the later one stays, and it counts as replaced.
   *
   * @param vectors `[N, dim]`, copied.
   * @param step when they were made; ages count from it.
   * @throws RangeError if the number of values is not `ids · dim`, an id is not a whole number in 0 … 2³¹ − 1 (negative ones are
   *   padding to every reader), or a value is not finite. The bank is unchanged then.
   */
  write(ids: ArrayLike<number>, vectors: Float32Array, step: number): BankWrite {
    const { dim } = this;
    assertLength('MemoryBank.write', vectors, ids.length, dim);
    for (let i = 0; i < ids.length; i++) {
      if ((ids[i]! | 0) !== ids[i] || ids[i]! < 0) {
        throw new RangeError(`MemoryBank.write: expected ids in 0 … 2³¹ − 1, got ${ids[i]} at ${i}`);
      }
    }
    const bad = vectors.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `MemoryBank.write: item ${ids[Math.floor(bad / dim)]}: expected finite values, got ${vectors[bad]}`,
      );
    }
    let added = 0;
    let cosines = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const vector = vectors.subarray(i * dim, (i + 1) * dim);
      let row = this.#rows.get(id);
      if (row === undefined) {
        row = this.#append(id);
        added++;
      } else {
        cosines += cosine(this.#vectors.subarray(row * dim, (row + 1) * dim), vector);
      }
      this.#vectors.set(vector, row * dim);
      this.#steps[row] = step;
      this.#versions[row]!++;
    }
    const replaced = ids.length - added;
    return { added, replaced, stalenessCosine: replaced > 0 ? cosines / replaced : Number.NaN };
  }

  read(ids: ArrayLike<number>): BankRead {
    const { dim } = this;
    const vectors = new Float32Array(ids.length * dim);
    const found = new Uint8Array(ids.length);
    const steps = new Int32Array(ids.length).fill(-1);
    for (let i = 0; i < ids.length; i++) {
      const row = this.#rows.get(ids[i]!);
      if (row === undefined) continue;
      vectors.set(this.#vectors.subarray(row * dim, (row + 1) * dim), i * dim);
      found[i] = 1;
      steps[i] = this.#steps[row]!;
    }
    return { vectors, found, steps };
  }

  /** How often an item was written; 0 for one that is not stored. */
  version(id: number): number {
    const row = this.#rows.get(id);
    return row === undefined ? 0 : this.#versions[row]!;
  }

  /** Share of these ids that are stored, padding (−1) left out; NaN when there is none. */
  coverage(ids: ArrayLike<number>): number {
    let asked = 0;
    let found = 0;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! < 0) continue;
      asked++;
      if (this.#rows.has(ids[i]!)) found++;
    }
    return found / asked;
  }

  /** Median number of steps since each stored vector was written; NaN for an empty bank. */
  ageMedian(step: number): number {
    if (this.size === 0) return Number.NaN;
    const ages = this.#steps
      .slice(0, this.size)
      .map((written) => step - written)
      .sort();
    const middle = ages.length >> 1;
    return ages.length % 2 === 1 ? ages[middle]! : (ages[middle - 1]! + ages[middle]!) / 2;
  }

  /**
   * Mean cosine between stored vectors and others of the same items; NaN when none of them is stored.
   *
   * @param vectors `[N, dim]`
   * @throws RangeError if the number of values is not `ids · dim`.
   */
  similarityTo(ids: ArrayLike<number>, vectors: Float32Array): number {
    const { dim } = this;
    assertLength('MemoryBank.similarityTo', vectors, ids.length, dim);
    let total = 0;
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      const row = this.#rows.get(ids[i]!);
      if (row === undefined) continue;
      total += cosine(this.#vectors.subarray(row * dim, (row + 1) * dim), vectors.subarray(i * dim, (i + 1) * dim));
      count++;
    }
    return total / count;
  }

  snapshot(): BankSnapshot {
    const { dim, size } = this;
    return {
      dim,
      ids: this.#ids.slice(0, size),
      vectors: this.#vectors.slice(0, size * dim),
      steps: this.#steps.slice(0, size),
      versions: this.#versions.slice(0, size),
    };
  }

  /**
   * A bank that holds what a snapshot holds, bit for bit.
   *
   * @throws RangeError if the arrays' lengths disagree or an id occurs twice.
   */
  static from({ dim, ids, vectors, steps, versions }: BankSnapshot): MemoryBank {
    assertLength('MemoryBank.from: vectors', vectors, ids.length, dim);
    assertLength('MemoryBank.from: steps', steps, ids.length, 1);
    assertLength('MemoryBank.from: versions', versions, ids.length, 1);
    const bank = new MemoryBank({ dim, initialCapacity: ids.length });
    for (const id of ids) {
      if (bank.has(id)) throw new RangeError(`MemoryBank.from: expected each item once, got item ${id} twice`);
      bank.#append(id);
    }
    bank.#vectors.set(vectors);
    bank.#steps.set(steps);
    bank.#versions.set(versions);
    return bank;
  }

  #append(id: number): number {
    const row = this.#rows.size;
    if (row === this.#ids.length) this.#grow();
    this.#rows.set(id, row);
    this.#ids[row] = id;
    return row;
  }

  #grow(): void {
    const capacity = Math.max(1, this.#ids.length * 2);
    const grown = <T extends Int32Array | Float32Array>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.#ids = grown(new Int32Array(capacity), this.#ids);
    this.#steps = grown(new Int32Array(capacity), this.#steps);
    this.#versions = grown(new Int32Array(capacity), this.#versions);
    this.#vectors = grown(new Float32Array(capacity * this.dim), this.#vectors);
  }
}

function assertLength(where: string, values: ArrayLike<number>, count: number, dim: number): void {
  if (values.length !== count * dim) {
    throw new RangeError(`${where}: expected ${count} × ${dim} values, got ${values.length}`);
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
