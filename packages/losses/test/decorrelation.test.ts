import { decorrelation } from '@sifaka/losses';
import { seededRandom } from '@sifaka/nn';
import { checkGradient } from '@sifaka/test-kit';
import { add, mul, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

const lossOf = (vectors: () => Tensor): number => {
  const loss = tidy(() => decorrelation(vectors()));
  const [value] = loss.dataSync();
  loss.dispose();
  return value!;
};
/** ± each unit vector: every direction is used alike, and the mean is 0. */
const axes = (dim: number) =>
  Array.from({ length: 2 * dim }, (_, row) => {
    return Array.from({ length: dim }, (_, k) => (k === row % dim ? (row < dim ? 1 : -1) : 0));
  });

describe('decorrelation', () => {
  test('is 0 if all directions are used alike, log D on a line, and the share of dimensions in between', () => {
    expect(lossOf(() => tensor2d(axes(4)))).toBeCloseTo(0, 5);
    const line = [-3, -1, 0.5, 3.5].map((at) => [at, 2 * at, 0, -at]);
    expect(lossOf(() => tensor2d(line))).toBeCloseTo(Math.log(4), 5);
    const plane = axes(2).map((row) => [...row, 0, 0]);
    expect(lossOf(() => tensor2d(plane))).toBeCloseTo(Math.log(2), 5);
  });

  test('does not change if the vectors move together or grow', () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 9 }, () => Array.from({ length: 5 }, () => random() - 0.5));
    const value = lossOf(() => tensor2d(rows));
    expect(value).toBeGreaterThan(0);
    expect(lossOf(() => add(tensor2d(rows), 7))).toBeCloseTo(value, 4);
    expect(lossOf(() => mul(tensor2d(rows), 3))).toBeCloseTo(value, 4);
  });

  test('is the mean squared cosine over all pairs of centred rows', () => {
    const rows = [
      [1, 2, 0],
      [0, -1, 1],
      [2, 0.5, -1],
      [-1, 1, 1],
    ];
    const means = [0, 1, 2].map((k) => rows.reduce((total, row) => total + row[k]!, 0) / rows.length);
    const unit = rows.map((row) => {
      const centred = row.map((x, k) => x - means[k]!);
      return centred.map((x) => x / Math.hypot(...centred));
    });
    const dot = (a: number[], b: number[]) => a.reduce((total, x, k) => total + x * b[k]!, 0);
    const squares = unit.flatMap((a) => unit.map((b) => dot(a, b) ** 2));
    const expected = Math.log((3 * squares.reduce((total, x) => total + x)) / squares.length);
    expect(lossOf(() => tensor2d(rows))).toBeCloseTo(expected, 5);
  });

  test('has the gradient of finite differences', () => {
    const random = seededRandom(5);
    tidy(() => {
      checkGradient(decorrelation, [tensor2d(Array.from({ length: 6 }, () => [random(), random(), random()]))]);
    });
  });

  test('is 0 for equal vectors, one or none, and never below it for vectors that are nearly equal', () => {
    expect(lossOf(() => tensor2d([1, 2, 1, 2], [2, 2]))).toBeCloseTo(0, 5);
    for (const apart of [1e-1, 1e-2, 1e-3, 1e-4]) {
      const loss = lossOf(() => tensor2d([1, 2, 1 + apart, 2 - apart, 1 - apart, 2 + apart], [3, 2]));
      expect(loss).toBeGreaterThan(-1e-5);
      expect(loss).toBeLessThan(Math.log(2) + 1e-5);
    }
    expect(lossOf(() => tensor2d([[1, 2]]))).toBe(0);
    expect(lossOf(() => tensor2d([], [0, 2]))).toBe(0);
  });
});
