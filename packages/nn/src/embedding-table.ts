import { concat, gather, type Tensor, tensor1d, tensor2d, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import { assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { fillNormal } from './fill-normal.js';
import { parameter } from './parameter.js';
import { seededRandom } from './seed.js';

/** The id of the unknown row, which stands for "no id" and for ids that training never saw. */
export const UNKNOWN_ID = -1;

/** The id of padding. It borrows no row: its vector is zero and learns nothing. */
export const PADDING_ID = -2;

export interface EmbeddingTableOptions {
  /** Ids are 0 … size − 1. */
  readonly size: number;
  readonly dim: number;
  readonly seed: number;
  /** Standard deviation of the normal initial values. Default 0.01. */
  readonly deviation?: number;
}

export interface BorrowOptions {
  /**
   * False (evaluation, serving): an id whose row was never updated reads the unknown row, because its own row still
   * holds random initial values. Default true.
   */
  readonly training?: boolean;
}

/** Table rows on the device for one step. The borrower disposes them. */
export interface BorrowedRows {
  /** Distinct table rows, in order of first appearance. Id `i` has row `i + 1`; row 0 is the unknown row. */
  readonly rows: Int32Array;
  /** For each borrowed id, its index in `rows`; R, the number of rows, for {@link PADDING_ID}. */
  readonly positions: Int32Array;
  /** `[R, dim]`: the leaf tensor to differentiate by. */
  readonly values: Variable;
  /** The row of every borrowed id, zeros for padding. @returns `[ids, dim]` */
  gather(): Tensor;
  dispose(): void;
}

/** Adam's settings for one update of borrowed rows. */
export interface RowUpdate {
  readonly learningRate: number;
  /** In [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** In [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Above 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay. Default 0. */
  readonly weightDecay?: number;
  /** Multiplies the gradient (clipping). Default 1. */
  readonly gradientScale?: number;
}

/**
 * An embedding table whose cost per step depends on the batch, not on the size of the table. Values and Adam's moments
 * stay on the host. The distinct rows of a batch enter the step as one small leaf tensor, and only those rows are
 * updated (lazy Adam: a row's moments and bias correction advance only when the row is updated).
 *
 * TensorFlow.js gives `gather` a dense gradient, so a table held as a Variable would cost O(size · dim) in every step.
 */
export class EmbeddingTable {
  readonly dim: number;
  readonly #deviation: number;
  readonly #random: () => number;
  #values: Float32Array;
  #firstMoments: Float32Array;
  #secondMoments: Float32Array;
  #updates: Int32Array;

  constructor({ size, dim, seed, deviation = 0.01 }: EmbeddingTableOptions) {
    assertWhole('EmbeddingTable', { size }, 0);
    assertWhole('EmbeddingTable', { dim });
    assertNumber('EmbeddingTable', { deviation });
    assertSeed('EmbeddingTable', seed);
    this.dim = dim;
    this.#deviation = deviation;
    this.#random = seededRandom(seed);
    this.#values = new Float32Array((size + 1) * dim);
    this.#firstMoments = new Float32Array((size + 1) * dim);
    this.#secondMoments = new Float32Array((size + 1) * dim);
    this.#updates = new Int32Array(size + 1);
    fillNormal(this.#values, deviation, this.#random);
  }

  /** Ids are 0 … size − 1. */
  get size(): number {
    return this.#updates.length - 1;
  }

  /** `[size + 1, dim]`, the unknown row first. Checkpoints read and write it. {@link grow} replaces the array. */
  get values(): Float32Array {
    return this.#values;
  }

  /** `[size + 1, dim]` */
  get firstMoments(): Float32Array {
    return this.#firstMoments;
  }

  /** `[size + 1, dim]` */
  get secondMoments(): Float32Array {
    return this.#secondMoments;
  }

  /** `[size + 1]`: number of updates of each row. */
  get updates(): Int32Array {
    return this.#updates;
  }

  /**
   * Makes room for ids up to `size` − 1. Existing rows do not change, and new rows get the values that they would have
   * in a table created with that size. Outside training, new ids read the unknown row until their first update.
   *
   * This copies the table, so grow by a fraction of its size rather than by single ids.
   *
   * @throws RangeError for a size below the current one, or not a whole number.
   */
  grow(size: number): void {
    if (!(Number.isSafeInteger(size) && size >= this.size)) {
      throw new RangeError(`EmbeddingTable.grow: expected a whole size from ${this.size}, got ${size}`);
    }
    if (size === this.size) return;
    const known = this.#values.length;
    const widen = (from: Float32Array) => {
      const to = new Float32Array((size + 1) * this.dim);
      to.set(from);
      return to;
    };
    this.#values = widen(this.#values);
    this.#firstMoments = widen(this.#firstMoments);
    this.#secondMoments = widen(this.#secondMoments);
    const updates = new Int32Array(size + 1);
    updates.set(this.#updates);
    this.#updates = updates;
    fillNormal(this.#values.subarray(known), this.#deviation, this.#random);
  }

  /**
   * Copies the distinct rows of these ids to the device.
   *
   * @param ids ids in 0 … size − 1, {@link UNKNOWN_ID} or {@link PADDING_ID}.
   * @throws RangeError if an id is outside the table.
   */
  borrow(ids: ArrayLike<number>, { training = true }: BorrowOptions = {}): BorrowedRows {
    const indexOfRow = new Map<number, number>();
    const positions = new Int32Array(ids.length);
    let padded = false;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] === PADDING_ID) {
        padded = true;
        continue;
      }
      const row = this.#row(ids[i]!, training);
      let index = indexOfRow.get(row);
      if (index === undefined) {
        index = indexOfRow.size;
        indexOfRow.set(row, index);
      }
      positions[i] = index;
    }
    const rows = Int32Array.from(indexOfRow.keys());
    if (padded) for (let i = 0; i < ids.length; i++) if (ids[i] === PADDING_ID) positions[i] = rows.length;
    const block = new Float32Array(rows.length * this.dim);
    rows.forEach((row, i) => {
      block.set(this.values.subarray(row * this.dim, (row + 1) * this.dim), i * this.dim);
    });
    const values = parameter(() => tensor2d(block, [rows.length, this.dim]));
    return {
      rows,
      positions,
      values,
      gather: () =>
        tidy(() => {
          const vectors = padded ? concat([values as Tensor, zeros([1, this.dim])]) : (values as Tensor);
          return gather(vectors, tensor1d(positions, 'int32'));
        }),
      dispose: () => {
        if (!values.isDisposed) values.dispose();
      },
    };
  }

  /**
   * Applies one AdamW update (Loshchilov and Hutter, 2019) to the borrowed rows: `θ ← θ − η (m̂ / (√v̂ + ε) + λ θ)`
   * with the learning rate `η` and the weight decay `λ`. The bias corrections of `m̂` and `v̂` use the row's own number
   * of updates. It runs on the host.
   *
   * @param gradient `[R, dim]`, in the order of `borrowed.rows`.
   * @throws RangeError if the gradient has another size or is not finite, naming the id, or if a row or a setting is
   *   outside its range. No row is changed then.
   */
  update(borrowed: Pick<BorrowedRows, 'rows'>, gradient: Float32Array, options: RowUpdate): void {
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, gradientScale = 1 } = options;
    if (gradient.length !== borrowed.rows.length * this.dim) {
      throw new RangeError(
        `EmbeddingTable.update: expected ${borrowed.rows.length} × ${this.dim} gradients, got ${gradient.length}`,
      );
    }
    assertNumber('EmbeddingTable.update', { learningRate, weightDecay, gradientScale });
    assertNumber('EmbeddingTable.update', { beta1, beta2 }, { below: 1 });
    assertNumber('EmbeddingTable.update', { epsilon }, { above: true });
    this.#assertUpdatable(borrowed.rows, gradient);
    const { values, firstMoments, secondMoments, updates, dim } = this;
    for (let i = 0; i < borrowed.rows.length; i++) {
      const row = borrowed.rows[i]!;
      const count = ++updates[row]!;
      const correction1 = 1 - beta1 ** count;
      const correction2 = 1 - beta2 ** count;
      for (let k = row * dim, g = i * dim; k < (row + 1) * dim; k++, g++) {
        const slope = gradient[g]! * gradientScale;
        const m = beta1 * firstMoments[k]! + (1 - beta1) * slope;
        const v = beta2 * secondMoments[k]! + (1 - beta2) * slope * slope;
        firstMoments[k] = m;
        secondMoments[k] = v;
        const direction = m / correction1 / (Math.sqrt(v / correction2) + epsilon);
        values[k] = values[k]! - learningRate * (direction + weightDecay * values[k]!);
      }
    }
  }

  /** Checked before the first row changes, so that a table never holds half an update. */
  #assertUpdatable(rows: Int32Array, gradient: Float32Array): void {
    const outside = rows.find((row) => row < 0 || row > this.size);
    if (outside !== undefined) {
      throw new RangeError(`EmbeddingTable.update: expected rows in 0 … ${this.size}, got ${outside}`);
    }
    const stray = gradient.findIndex((slope) => !Number.isFinite(slope));
    if (stray < 0) return;
    const row = rows[Math.floor(stray / this.dim)]!;
    const name = row === 0 ? 'the unknown row' : `id ${row - 1}`;
    throw new RangeError(`EmbeddingTable.update: expected finite gradients, got ${gradient[stray]} for ${name}`);
  }

  #row(id: number, training: boolean): number {
    if (id === UNKNOWN_ID) return 0;
    if (!(Number.isInteger(id) && id >= 0 && id < this.size)) {
      throw new RangeError(
        `EmbeddingTable.borrow: expected an id in 0 … ${this.size - 1}, ${UNKNOWN_ID} or ${PADDING_ID}, got ${id}`,
      );
    }
    return training || this.updates[id + 1]! > 0 ? id + 1 : 0;
  }
}
