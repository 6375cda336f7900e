import { keep, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { assertWhole } from './assert-options.js';

export interface SparseMatrixOptions {
  /** Numbers of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** `[Z]`: row, column and value of each entry, in any order. Entries at the same place are added. */
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** The matrix equals its transpose, which then needs no copy. Not checked. Default false. */
  readonly symmetric?: boolean;
}

/** The tensors of a matrix, `Z` entries sorted by row. */
export interface SparseTensors {
  /** `[rows + 1]`, int32: row `r` has the entries `starts[r]` to `starts[r + 1]`. */
  readonly starts: Tensor1D;
  /** `[Z]`, int32 */
  readonly columns: Tensor1D;
  /** `[Z]` */
  readonly values: Tensor1D;
}

/**
 * A constant matrix with few entries, such as a graph's adjacency: {@link sparseMatMul} multiplies it. Entries are
 * sorted by row, and in a row keep their order. The tensors are created at the first product that needs them. Dispose
 * the matrix to free them.
 */
export class SparseMatrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly symmetric: boolean;
  /** `[rows + 1]` on the host. */
  readonly starts: Int32Array;
  /** `[Z]` on the host, sorted by row. */
  readonly columns: Int32Array;
  /** `[Z]` on the host, sorted by row. */
  readonly values: Float32Array;
  #tensors: SparseTensors | undefined;
  #transposed: SparseMatrix | undefined;

  /** @throws RangeError if the lists differ in length or an entry lies outside the shape. */
  constructor({ shape, rows, columns, values, symmetric = false }: SparseMatrixOptions) {
    const [numRows, numColumns] = shape;
    assertWhole('SparseMatrix', { rows: numRows, columns: numColumns });
    const count = rows.length;
    if (columns.length !== count || values.length !== count) {
      throw new RangeError(
        `SparseMatrix: expected as many columns and values as rows, ${count}, got ${columns.length} and ${values.length}`,
      );
    }
    this.starts = new Int32Array(numRows + 1);
    for (let i = 0; i < count; i++) {
      const [row, column] = [rows[i]!, columns[i]!];
      if (!isIndex(row, numRows) || !isIndex(column, numColumns)) {
        throw new RangeError(`SparseMatrix: expected entries inside [${shape}], got one at [${row}, ${column}]`);
      }
      this.starts[row + 1]!++;
    }
    for (let row = 0; row < numRows; row++) this.starts[row + 1]! += this.starts[row]!;
    const next = this.starts.slice(0, -1);
    this.columns = new Int32Array(count);
    this.values = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = next[rows[i]!]!++;
      this.columns[at] = columns[i]!;
      this.values[at] = values[i]!;
    }
    this.shape = [numRows, numColumns];
    this.symmetric = symmetric;
  }

  /** `[Z]`: the row of each entry, sorted. */
  get rows(): Int32Array {
    const rows = new Int32Array(this.columns.length);
    for (let row = 0; row < this.shape[0]; row++) rows.fill(row, this.starts[row], this.starts[row + 1]);
    return rows;
  }

  /** The matrix with rows and columns exchanged. It belongs to this matrix. */
  get transposed(): SparseMatrix {
    if (this.symmetric) return this;
    this.#transposed ??= new SparseMatrix({
      shape: [this.shape[1], this.shape[0]],
      rows: this.columns,
      columns: this.rows,
      values: this.values,
    });
    return this.#transposed;
  }

  /** Owned by the matrix. */
  get tensors(): SparseTensors {
    this.#tensors ??= {
      starts: keep(tensor1d(this.starts, 'int32')),
      columns: keep(tensor1d(this.columns, 'int32')),
      values: keep(tensor1d(this.values)),
    };
    return this.#tensors;
  }

  /** Disposes the tensors, which the next product would create again. */
  dispose(): void {
    for (const tensor of Object.values(this.#tensors ?? {}) as Tensor1D[]) tensor.dispose();
    this.#tensors = undefined;
    this.#transposed?.dispose();
  }
}

function isIndex(value: number, size: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < size;
}
