import { cic } from '@sifaka/losses';
import { seededRandom } from '@sifaka/nn';
import { checkGradient } from '@sifaka/test-kit';
import { grads, type Tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const random = seededRandom(3);
const CONTENT = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => 2 * random() - 1));
const IDS = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => 2 * random() - 1));

const lossOf = (content: number[][], ids: number[][], temperature: number): number =>
  tidy(() => cic(tensor2d(content), tensor2d(ids), { temperature }).dataSync()[0]!) as unknown as number;

/** The formula in loops: EM3's two cross-entropies over cosines. */
function byLoops(content: number[][], ids: number[][], temperature: number): number {
  const dot = (a: number[], b: number[]) => a.reduce((total, value, k) => total + value * b[k]!, 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const oneWay = (from: number[][], to: number[][]) =>
    from.reduce((total, vector, i) => {
      const all = to.reduce((sum, other) => sum + Math.exp(temperature * cosine(vector, other)), 0);
      return total - Math.log(Math.exp(temperature * cosine(vector, to[i]!)) / all);
    }, 0) / from.length;
  return (oneWay(content, ids) + oneWay(ids, content)) / 2;
}

describe('cic', () => {
  it('is the mean of both directions’ cross-entropy over cosines', () => {
    for (const temperature of [1, 2, 10]) {
      expect(lossOf(CONTENT, IDS, temperature)).toBeCloseTo(byLoops(CONTENT, IDS, temperature), 4);
    }
  });

  it('multiplies cosines by 10 by default', () => {
    const loss = tidy(() => cic(tensor2d(CONTENT), tensor2d(IDS)).dataSync()[0]!) as unknown as number;
    expect(loss).toBe(lossOf(CONTENT, IDS, 10));
  });

  it('is symmetric, ignores lengths, and is ln N if all vectors are equal', () => {
    expect(lossOf(IDS, CONTENT, 10)).toBeCloseTo(lossOf(CONTENT, IDS, 10), 5);
    const longer = CONTENT.map((row, i) => row.map((value) => value * (i + 1)));
    expect(lossOf(longer, IDS, 10)).toBeCloseTo(lossOf(CONTENT, IDS, 10), 4);
    expect(
      lossOf(
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        [
          [3, 1],
          [3, 1],
          [3, 1],
        ],
        10,
      ),
    ).toBeCloseTo(Math.log(3), 5);
  });

  it('sends its gradient to both sides', () => {
    tidy(() => {
      checkGradient((content, ids) => cic(content, ids, { temperature: 2 }), [tensor2d(CONTENT), tensor2d(IDS)]);
    });
  });

  it('excludes rows of hidden or unknown items on both sides', () => {
    tidy(() => {
      // The hidden rows share one embedding.
      const ids = IDS.map((row, i) => (i === 1 || i === 3 ? [9, -8, 7, 1, 1] : row));
      const known = (rows: number[][]) => rows.filter((_, i) => i === 0 || i === 2);
      const options = { temperature: 2, items: [40, -1, 42, -1] };
      const loss = (c: Tensor, d: Tensor) => cic(c, d, options);
      expect(loss(tensor2d(CONTENT), tensor2d(ids)).dataSync()[0]).toBeCloseTo(
        byLoops(known(CONTENT), known(ids), 2),
        5,
      );
      checkGradient(loss, [tensor2d(CONTENT), tensor2d(ids)]);
      for (const gradient of grads(loss)([tensor2d(CONTENT), tensor2d(ids)])) {
        const rows = gradient.arraySync() as number[][];
        expect([rows[1], rows[3]]).toEqual([Array(5).fill(0), Array(5).fill(0)]);
      }
    });
  });

  it('does not take rows of one item as each other’s negatives', () => {
    tidy(() => {
      // Every cosine is 1 or 0: l_i = log(1 + k_i e^−2) with k_i negatives left.
      const axes = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ];
      const loss = (items?: number[]) =>
        cic(tensor2d(axes), tensor2d(axes), { temperature: 2, ...(items && { items }) }).dataSync()[0]!;
      const term = (k: number) => Math.log1p(k * Math.exp(-2));
      expect(loss([7, 8, 7])).toBeCloseTo((2 * term(1) + term(2)) / 3, 5);
      expect(loss([7, 8, 9])).toBe(loss());
      expect(loss([0, 1, 2])).toBe(loss());
      expect(loss()).toBeCloseTo(term(2), 5);
    });
  });

  it('is 0 without known items', () => {
    tidy(() => {
      expect(cic(tensor2d(CONTENT), tensor2d(IDS), { items: [-1, -1, -1, -1] }).dataSync()[0]).toBe(0);
      expect(cic(zeros([0, 5]), zeros([0, 5])).dataSync()[0]).toBe(0);
    });
  });

  it('refuses more pairs than maxPairs, after excluding rows', () => {
    tidy(() => {
      const run = (items: number[], maxPairs: number) => () =>
        cic(tensor2d(CONTENT), tensor2d(IDS), { items, maxPairs });
      expect(run([1, 2, -1, 3], 8)).toThrow('cic: expected at most 8 pairs (maxPairs), got 3 queries × 3 candidates');
      expect(run([1, 2, -1, 3], 9)).not.toThrow();
    });
  });

  it('names the side whose shape differs', () => {
    const [content, ids] = [tensor2d(CONTENT), tensor2d(IDS.slice(1))];
    expect(() => cic(content, ids)).toThrow('cic: ids: expected [4, 5], got [3, 5]');
    expect(() => cic(content, content, { items: [1] })).toThrow('cic: items: expected [4], got [1]');
    content.dispose();
    ids.dispose();
  });
});
