import { AdamW, type BorrowedRows, EmbeddingTable, PADDING_ID, parameter, UNKNOWN_ID } from '@sifaka/nn';
import { mul, sum, tensor2d, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const makeTable = (size = 10, dim = 3): EmbeddingTable => new EmbeddingTable({ size, dim, seed: 1 });
const rowOf = (table: EmbeddingTable, row: number): number[] => [
  ...table.values.subarray(row * table.dim, (row + 1) * table.dim),
];

/** Updates the rows of these ids with one gradient for every entry. */
function touch(table: EmbeddingTable, ids: readonly number[], slope: number, learningRate = 0.1): void {
  const borrowed = table.borrow(ids);
  table.update(borrowed, new Float32Array(borrowed.rows.length * table.dim).fill(slope), { learningRate });
  borrowed.dispose();
}

describe('EmbeddingTable.borrow', () => {
  it('borrows each distinct row once and looks ids up by index', () => {
    const table = makeTable();
    const borrowed = table.borrow([4, 2, 4, UNKNOWN_ID, 2]);
    expect([...borrowed.rows]).toEqual([5, 3, 0]);
    expect([...borrowed.positions]).toEqual([0, 1, 0, 2, 1]);
    tidy(() => {
      expect(borrowed.values).toBeAllClose([5, 3, 0].map((row) => rowOf(table, row)));
      expect(borrowed.gather()).toBeAllClose([5, 3, 5, 0, 3].map((row) => rowOf(table, row)));
    });
    borrowed.dispose();
    borrowed.dispose();
  });

  it('sums the gradients of a repeated id', () => {
    const borrowed = makeTable(10, 2).borrow([7, 1, 7, 7]);
    tidy(() => {
      const upstream = tensor2d([
        [1, 2],
        [10, 20],
        [3, 4],
        [100, 200],
      ]);
      const { grads } = variableGrads(() => sum(mul(borrowed.gather(), upstream)), [borrowed.values]);
      expect(grads[borrowed.values.name]!).toBeAllClose([
        [104, 206],
        [10, 20],
      ]);
    });
    borrowed.dispose();
  });

  it('reads the unknown row in evaluation if an id was never updated', () => {
    const table = makeTable();
    touch(table, [4], 1);
    const rows = (borrowed: BorrowedRows): number[] => {
      borrowed.dispose();
      return [...borrowed.rows];
    };
    expect(rows(table.borrow([3, 4, UNKNOWN_ID], { training: false }))).toEqual([0, 5]);
    expect(rows(table.borrow([3, 4, UNKNOWN_ID]))).toEqual([4, 5, 0]);
  });

  it.each([[[]], [[4, 2]]])('reads padding beside the ids %j as zeros, and borrows no row for it', (ids) => {
    const table = makeTable();
    const borrowed = table.borrow([PADDING_ID, ...ids, PADDING_ID]);
    expect([...borrowed.rows]).toEqual(ids.map((id) => id + 1));
    expect([...borrowed.positions]).toEqual([ids.length, ...ids.keys(), ids.length]);
    tidy(() => {
      const vectors = [[0, 0, 0], ...ids.map((id) => rowOf(table, id + 1)), [0, 0, 0]];
      expect(borrowed.gather()).toBeAllClose(vectors, { atol: 0, rtol: 0 });
      const { grads } = variableGrads(() => sum(borrowed.gather()), [borrowed.values]);
      expect(grads[borrowed.values.name]!.arraySync()).toEqual(ids.map(() => [1, 1, 1]));
    });
    borrowed.dispose();
  });

  it('borrows nothing for no ids', () => {
    const borrowed = makeTable().borrow([]);
    tidy(() => {
      expect(borrowed.values.shape).toEqual([0, 3]);
      expect(borrowed.gather().shape).toEqual([0, 3]);
    });
    borrowed.dispose();
  });

  it.each([10, -3, 2.5, Number.NaN])('refuses the id %s', (id) => {
    expect(() => makeTable().borrow([0, id])).toThrow(
      `EmbeddingTable.borrow: expected an id in 0 … 9, -1 or -2, got ${id}`,
    );
  });
});

describe('EmbeddingTable.update', () => {
  it('changes only the borrowed rows', () => {
    const table = makeTable();
    const before = Float32Array.from(table.values);
    touch(table, [9, 0, UNKNOWN_ID], 1);
    for (let row = 0; row <= table.size; row++) {
      const touched = [0, 1, 10].includes(row);
      const was = [...before.subarray(row * 3, row * 3 + 3)];
      if (touched) expect(rowOf(table, row)).toBeAllClose(was.map((value) => value - 0.1));
      else expect(rowOf(table, row)).toEqual(was);
      expect(table.updates[row]).toBe(touched ? 1 : 0);
    }
  });

  it('equals dense AdamW if every step borrows every row', () => {
    const table = makeTable(3, 2);
    const ids = [2, 0, 1];
    const borrowedOrder = [3, 1, 2].flatMap((row) => rowOf(table, row));
    const dense = new Map([['table', parameter(() => tensor2d(borrowedOrder, [3, 2]))]]);
    const optimizer = new AdamW(dense, { weightDecay: 0.1, beta2: 0.99 });
    for (let step = 1; step <= 5; step++) {
      const gradient = Float32Array.from({ length: 6 }, (_, i) => Math.sin(step * 7 + i * 3));
      const options = { learningRate: 0.1 / step, gradientScale: 0.5 };
      const borrowed = table.borrow(ids);
      table.update(borrowed, gradient, { ...options, weightDecay: 0.1, beta2: 0.99 });
      borrowed.dispose();
      tidy(() => {
        optimizer.apply(new Map([['table', tensor2d(gradient, [3, 2])]]), options);
      });
    }
    expect([3, 1, 2].flatMap((row) => rowOf(table, row))).toBeAllClose(dense.get('table')!.dataSync(), { atol: 2e-6 });
    optimizer.dispose();
    dense.get('table')!.dispose();
  });

  it('corrects bias by the update count of the row, so a late first update moves it by the learning rate', () => {
    const table = makeTable();
    for (let step = 0; step < 20; step++) touch(table, [0], 1);
    const before = rowOf(table, 6);
    touch(table, [5], -42);
    expect(rowOf(table, 6)).toBeAllClose(before.map((value) => value + 0.1));
  });

  it('names both sizes if the gradient belongs to other rows', () => {
    const table = makeTable();
    expect(() => table.update({ rows: Int32Array.of(1, 2) }, new Float32Array(3), { learningRate: 1 })).toThrow(
      'EmbeddingTable.update: expected 2 × 3 gradients, got 3',
    );
  });
});

describe('EmbeddingTable', () => {
  it('has a deviation of 0.01 by default', () => {
    const options = { size: 9, dim: 2, seed: 1 };
    expect(new EmbeddingTable(options).values).toEqual(new EmbeddingTable({ ...options, deviation: 0.01 }).values);
  });

  it('draws normal values with the given deviation from its seed', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => new EmbeddingTable({ size: 999, dim: 10, seed, deviation: 0.5 }).values);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    const mean = a!.reduce((total, x) => total + x, 0) / 10_000;
    const variance = a!.reduce((total, x) => total + (x - mean) ** 2, 0) / 10_000;
    const kurtosis = a!.reduce((total, x) => total + (x - mean) ** 4, 0) / 10_000 / variance ** 2;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(variance).toBeCloseTo(0.25, 1);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.25);
  });
});

describe('EmbeddingTable.grow', () => {
  const state = ({ size, values, firstMoments, secondMoments, updates }: EmbeddingTable) => ({
    size,
    values,
    firstMoments,
    secondMoments,
    updates,
  });

  it('equals a table created with the larger size', () => {
    const grown = makeTable(4);
    grown.grow(4);
    grown.grow(5);
    grown.grow(10);
    expect(state(grown)).toEqual(state(makeTable(10)));
  });

  it('keeps learned rows, and new ids can be learned', () => {
    const [grown, large] = [makeTable(4), makeTable(10)];
    touch(grown, [1, UNKNOWN_ID], 0.5);
    grown.grow(10);
    touch(large, [1, UNKNOWN_ID], 0.5);
    for (const table of [grown, large]) touch(table, [9, 1], -2);
    expect(state(grown)).toEqual(state(large));
  });

  it('lets new ids read the unknown row outside training until their first update', () => {
    const table = makeTable(4);
    table.grow(6);
    const rows = () => {
      const borrowed = table.borrow([4, 5], { training: false });
      borrowed.dispose();
      return [...borrowed.rows];
    };
    expect(rows()).toEqual([0]);
    touch(table, [5], 1);
    expect(rows()).toEqual([0, 6]);
  });

  it('does not disturb rows that are borrowed', () => {
    const table = makeTable(4);
    const borrowed = table.borrow([2, 3]);
    table.grow(8);
    tidy(() => {
      expect(borrowed.gather()).toBeAllClose([3, 4].map((row) => rowOf(table, row)));
    });
    table.update(borrowed, new Float32Array(6).fill(1), { learningRate: 0.1 });
    expect([...table.updates]).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0]);
    borrowed.dispose();
  });

  it.each([3, 4.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the size %s', (size) => {
    expect(() => makeTable(4).grow(size)).toThrow(`EmbeddingTable.grow: expected a whole size from 4, got ${size}`);
  });
});
