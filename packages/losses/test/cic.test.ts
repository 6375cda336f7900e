import { cic } from '@sifaka/losses';
import { seededRandom } from '@sifaka/nn';
import { checkGradient } from '@sifaka/test-kit';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
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

  it('names the side whose shape differs', () => {
    const [content, ids] = [tensor2d(CONTENT), tensor2d(IDS.slice(1))];
    expect(() => cic(content, ids)).toThrow('cic: ids: expected [4, 5], got [3, 5]');
    content.dispose();
    ids.dispose();
  });
});
