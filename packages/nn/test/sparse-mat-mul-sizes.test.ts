import { SparseMatrix, seededRandom, sparseMatMul } from '@sifaka/nn';
import { normal } from '@sifaka/test-kit';
import { add, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** `A x` entry by entry, in double precision. */
function product({ shape, rows, columns, values }: SparseMatrix, x: Tensor): Tensor {
  const [height, width] = [shape[0], x.shape[1]!];
  const given = x.dataSync();
  const sums = new Float64Array(height * width);
  rows.forEach((row, entry) => {
    for (let j = 0; j < width; j++) sums[row * width + j]! += values[entry]! * given[columns[entry]! * width + j]!;
  });
  return tensor2d(Float32Array.from(sums), [height, width]);
}

/** Rows of very different lengths, as the items of a graph have: some are empty, one holds half of all entries. */
function unevenMatrix(rows: number, columns: number, entries: number): SparseMatrix {
  const random = seededRandom(1);
  const draw = (most: number) => Math.floor(random() * most);
  const list = Array.from({ length: entries }, (_, i) => (i % 2 === 0 ? 0 : draw(rows - 1)));
  return new SparseMatrix({
    shape: [rows, columns],
    rows: list,
    columns: list.map(() => draw(columns)),
    values: list.map(() => random() - 0.5),
  });
}

describe('SparseMatMul', () => {
  // Widths below, at and beyond the columns that a kernel sums at once; rows enough for every thread.
  it.each([1, 31, 32, 33, 64, 100])('equals a sum over the entries, of width %i', (width) => {
    const matrix = unevenMatrix(700, 90, 3000);
    tidy(() => {
      const [x, plus] = [normal([90, width], 1), normal([700, width], 2)];
      const expected = product(matrix, x);
      expect(sparseMatMul(matrix, x)).toBeAllClose(expected, { atol: 1e-3, rtol: 1e-3 });
      expect(sparseMatMul(matrix, x, plus)).toBeAllClose(add(expected, plus), { atol: 1e-3, rtol: 1e-3 });
    });
    matrix.dispose();
  });

  it('of a matrix without entries is zero, or the addend', () => {
    const matrix = new SparseMatrix({ shape: [3, 2], rows: [], columns: [], values: [] });
    tidy(() => {
      const [x, plus] = [normal([2, 40], 1), normal([3, 40], 2)];
      expect([...sparseMatMul(matrix, x).dataSync()]).toEqual(new Array(120).fill(0));
      expect(sparseMatMul(matrix, x, plus)).toBeAllClose(plus, { atol: 0, rtol: 0 });
    });
    matrix.dispose();
  });
});
