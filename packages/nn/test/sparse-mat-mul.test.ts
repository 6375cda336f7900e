import { ShapeError, SparseMatrix, sparseMatMul } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import { add, matMul, memory, mul, type Scalar, sum, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** 4 × 5 with an empty row, an empty column, and two entries at the same place. */
const ENTRIES = {
  shape: [4, 5],
  rows: [3, 0, 0, 3, 1, 3],
  columns: [1, 4, 0, 1, 2, 0],
  values: [2, -1, 0.5, 3, 1.5, 4],
} as const;
const DENSE = [
  [0.5, 0, 0, 0, -1],
  [0, 0, 1.5, 0, 0],
  [0, 0, 0, 0, 0],
  [4, 5, 0, 0, 0],
];

describe('sparseMatMul', () => {
  // Widths of whole vectors of the kernels, and others.
  it.each([1, 3, 4, 7, 32, 64, 71])('equals the dense product at width %i, with and without an addend', (width) => {
    const matrix = new SparseMatrix(ENTRIES);
    tidy(() => {
      const [x, plus] = [normal([5, width], 1), normal([4, width], 2)];
      const product = matMul(tensor2d(DENSE), x) as Tensor;
      expect(sparseMatMul(matrix, x)).toBeAllClose(product);
      expect(sparseMatMul(matrix, x, plus)).toBeAllClose(add(product, plus));
    });
    matrix.dispose();
  });

  it('has the gradients of finite differences', () => {
    const matrix = new SparseMatrix(ENTRIES);
    const [x, plus, weights] = [normal([5, 3], 1), normal([4, 3], 2), normal([4, 3], 3)];
    checkGradient((x, plus) => tidy(() => sum(mul(sparseMatMul(matrix, x!, plus), weights)) as Scalar), [x, plus]);
    checkGradient((x) => tidy(() => sum(mul(sparseMatMul(matrix, x!), weights)) as Scalar), [x]);
    for (const each of [x, plus, weights, matrix]) each.dispose();
  });

  it('gives a matrix without entries a product of zeros', () => {
    const matrix = new SparseMatrix({ shape: [2, 3], rows: [], columns: [], values: [] });
    tidy(() => {
      expect(sparseMatMul(matrix, normal([3, 2], 1))).toBeAllClose([0, 0, 0, 0]);
    });
    matrix.dispose();
  });

  it('multiplies a large matrix by parts of its rows', () => {
    const size = 1500;
    const rows = Int32Array.from({ length: 3 * size }, (_, i) => i % size);
    const columns = rows.map((row, i) => (row * 7 + i) % size);
    const matrix = new SparseMatrix({ shape: [size, size], rows, columns, values: columns.map((c) => (c % 5) - 2) });
    tidy(() => {
      const x = normal([size, 64], 1);
      const values = x.dataSync();
      const expected = new Float32Array(size * 64);
      rows.forEach((row, i) => {
        for (let k = 0; k < 64; k++) {
          expected[row * 64 + k]! += ((columns[i]! % 5) - 2) * values[columns[i]! * 64 + k]!;
        }
      });
      expect(sparseMatMul(matrix, x)).toBeAllClose(expected, { atol: 1e-4 });
    });
    matrix.dispose();
  });

  it('names the shapes that do not fit', () => {
    const matrix = new SparseMatrix(ENTRIES);
    tidy(() => {
      expect(() => sparseMatMul(matrix, normal([4, 2], 1))).toThrow(ShapeError);
      expect(() => sparseMatMul(matrix, normal([4, 2], 1))).toThrow('sparseMatMul: x: expected [5, D], got [4, 2]');
      expect(() => sparseMatMul(matrix, normal([5, 2], 1), normal([5, 2], 1))).toThrow('plus: expected [4, 2]');
    });
  });
});

describe('SparseMatrix', () => {
  it('sorts its entries by row, and transposes', () => {
    const { starts, rows, columns, values, transposed } = new SparseMatrix(ENTRIES);
    expect([...starts]).toEqual([0, 2, 3, 3, 6]);
    expect([...rows]).toEqual([0, 0, 1, 3, 3, 3]);
    expect([...columns]).toEqual([4, 0, 2, 1, 1, 0]);
    expect([...values]).toEqual([-1, 0.5, 1.5, 2, 3, 4]);
    expect(transposed.shape).toEqual([5, 4]);
    expect([...transposed.rows]).toEqual([0, 0, 1, 1, 2, 4]);
    expect([...transposed.columns]).toEqual([0, 3, 3, 3, 1, 0]);
    expect([...transposed.values]).toEqual([0.5, 4, 2, 3, 1.5, -1]);
  });

  it('is its own transpose if it is symmetric', () => {
    const matrix = new SparseMatrix({ shape: [2, 2], rows: [0, 1], columns: [1, 0], values: [3, 3], symmetric: true });
    expect(matrix.transposed).toBe(matrix);
  });

  it('frees its tensors, and creates them again when they are needed', () => {
    const before = memory().numTensors;
    const matrix = new SparseMatrix(ENTRIES);
    const product = () => tidy(() => Array.from(sparseMatMul(matrix, normal([5, 2], 1)).dataSync()));
    const first = product();
    matrix.dispose();
    matrix.dispose();
    expect(memory().numTensors).toBe(before);
    expect(product()).toEqual(first);
    matrix.dispose();
  });

  it('refuses entries outside its shape, and lists of different lengths', () => {
    const make = (change: object) => () => new SparseMatrix({ ...ENTRIES, ...change });
    expect(make({ rows: [4, 0, 0, 3, 1, 3] })).toThrow('expected entries inside [4,5], got one at [4, 1]');
    expect(make({ columns: [1, -1, 0, 1, 2, 0] })).toThrow('got one at [0, -1]');
    expect(make({ columns: [1, 0.5, 0, 1, 2, 0] })).toThrow('got one at [0, 0.5]');
    expect(make({ values: [1] })).toThrow('expected as many columns and values as rows, 6, got 6 and 1');
    expect(make({ shape: [0, 5] })).toThrow('rows');
  });
});
