import { type CicNegatives, type CicOptions, cic } from '@sifaka/losses';
import { deriveSeed } from '@sifaka/nn';
import { checkGradient, normal, readGolden } from '@sifaka/test-kit';
import { grads, profile, type Tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

type Sampled = Extract<CicNegatives, { kind: 'sampled' }>;

interface Case extends Pick<CicOptions, 'temperature' | 'items'> {
  readonly items: number[];
  readonly width: number;
  readonly negatives: Sampled;
  readonly drawsItself: boolean;
  readonly content: number[];
  readonly ids: number[];
  readonly loss: number;
  readonly gradients: [number[], number[]];
}

const lossOf = (content: Tensor, ids: Tensor, options: CicOptions): number => cic(content, ids, options).dataSync()[0]!;

/** Rows along the axes: the cosine of two rows is 1 if they are equal, otherwise 0. */
const axes = (count: number) =>
  tensor2d(Array.from({ length: count }, (_, i) => Array.from({ length: count }, (_, k) => (i === k ? 1 : 0))));

/** Unrelated: the draws of neighbouring seeds begin alike. */
const SEEDS = Array.from({ length: 40 }, (_, i) => deriveSeed(1, i));

describe('cic with drawn negatives', () => {
  it('equals EM3’s public form in PyTorch, and the corrected one, values and both gradients', () => {
    const cases = readGolden<Case[]>(import.meta.url, 'cic');
    expect(cases).toHaveLength(12);
    expect(cases.some(({ drawsItself }) => drawsItself)).toBe(true);
    for (const { width, content, ids, loss, gradients, temperature, items, negatives } of cases) {
      tidy(() => {
        const sides = [content, ids].map((values) => tensor2d(values, [items.length, width]));
        const run = (c: Tensor, d: Tensor) => cic(c, d, { temperature: temperature!, items, negatives });
        expect(run(sides[0]!, sides[1]!)).toBeAllClose([loss], { atol: 1e-5, rtol: 1e-5 });
        grads(run)(sides).forEach((gradient, side) => {
          expect(gradient).toBeAllClose(gradients[side]!, { atol: 1e-5, rtol: 1e-3 });
        });
      });
    }
  });

  it('sends its gradient to both sides', () => {
    tidy(() => {
      for (const exclude of ['nothing', 'sameItem'] as const) {
        const negatives = { kind: 'sampled', count: 3, seed: 4, exclude } as const;
        checkGradient((c, d) => cic(c, d, { temperature: 2, negatives }), [normal([5, 4], 1), normal([5, 4], 2)]);
      }
    });
  });

  it('draws an item’s own row with exclude nothing, and never with sameItem', () => {
    tidy(() => {
      // Three items along axes, one negative: log(1 + e^−4) if it is another item, log 2 if it is the item itself.
      const run = (seed: number, exclude: 'nothing' | 'sameItem') =>
        lossOf(axes(3), axes(3), { temperature: 4, negatives: { kind: 'sampled', count: 1, seed, exclude } });
      const other = Math.log1p(Math.exp(-4));
      const asPublished = SEEDS.map((seed) => run(seed, 'nothing'));
      const own = asPublished.map((loss) => Math.round((3 * (loss - other)) / (Math.LN2 - other))); // of three draws
      // 40 seeds of 3 draws: 40 ± 5.2 of 120 expected.
      const times = own.reduce((total, each) => total + each, 0);
      expect(times).toBeGreaterThan(24);
      expect(times).toBeLessThan(56);
      for (const seed of SEEDS) expect(run(seed, 'sameItem')).toBeCloseTo(other, 5);
    });
  });

  it('never draws the same item under another row with sameItem', () => {
    tidy(() => {
      const vectors = tensor2d([
        [1, 0],
        [0, 1],
        [1, 0],
        [1, 0],
      ]);
      for (const seed of SEEDS) {
        const negatives = { kind: 'sampled', count: 2, seed, exclude: 'sameItem' } as const;
        // Rows 0, 2 and 3 are one item: their only negative is row 1, whose cosine is 0.
        expect(lossOf(vectors, vectors, { temperature: 3, items: [8, 5, 8, 8], negatives })).toBeCloseTo(
          Math.log1p(2 * Math.exp(-3)),
          5,
        );
      }
    });
  });

  it('draws every row equally often, with replacement, and never a hidden one', () => {
    tidy(() => {
      // One term; a row with content c has logit c in the denominator, so the loss counts who was drawn.
      const content = tensor2d([[1, 0], ...Array(4).fill([0, 1])]);
      const negatives = { kind: 'sampled', count: 1, exclude: 'nothing' } as const;
      const items = [3, 4, 5, -1, -1];
      const gradientRows = SEEDS.map((seed) => {
        const loss = (c: Tensor, d: Tensor) =>
          cic(c, d, { temperature: 1, items, terms: [0], negatives: { ...negatives, seed } });
        const [, toIds] = grads(loss)([content, normal([5, 2], 1)]);
        const drawn = (toIds!.arraySync() as number[][]).map((row) => row.some((value) => value !== 0));
        return drawn.indexOf(true, 1); // −1: row 0 itself
      });
      const times = (row: number) => gradientRows.filter((drawn) => drawn === row).length / gradientRows.length;
      for (const row of [-1, 1, 2]) expect(times(row)).toBeCloseTo(1 / 3, 0.6);
      expect(times(3) + times(4)).toBe(0);
    });
  });

  it('contrasts some rows with all others as negatives', () => {
    tidy(() => {
      const [content, ids] = [normal([6, 4], 1), normal([6, 4], 2)];
      const each = (kind: 'all' | 'sampled', terms?: number[]) =>
        lossOf(content, ids, {
          negatives: kind === 'all' ? { kind } : { kind, count: 400, seed: 1 },
          ...(terms && { terms }),
        });
      // The mean over all rows is the mean of the rows’ own means.
      const alone = [0, 1, 2, 3, 4, 5].map((row) => each('all', [row]));
      expect(alone.reduce((a, b) => a + b, 0) / 6).toBeCloseTo(each('all'), 4);
      expect(each('all', [4, 1])).toBeCloseTo((alone[4]! + alone[1]!) / 2, 4);
      // 400 draws among 5 rows are nearly 80 of each: about log(80) above the contrast with each row once.
      expect(each('sampled', [4]) - alone[4]!).toBeLessThan(Math.log(90));
      expect(each('sampled', [4])).toBeGreaterThan(alone[4]!);
    });
  });

  it('is 0 without terms, or if every row is of one item and none may be drawn', () => {
    tidy(() => {
      const two = normal([2, 3], 1);
      const negatives = { kind: 'sampled', seed: 1, exclude: 'sameItem' } as const;
      expect(lossOf(two, two, { items: [-1, -1], negatives })).toBe(0);
      expect(lossOf(two, two, { terms: [1], items: [4, -1], negatives })).toBe(0);
      expect(lossOf(two, two, { terms: [1], items: [-1, 4], negatives })).toBe(0);
      expect(lossOf(two, two, { items: [4, 4], negatives })).toBe(0);
      expect(lossOf(zeros([0, 3]), zeros([0, 3]), { negatives })).toBe(0);
      // EM3’s public form has one item draw itself 16 times.
      const itself = { kind: 'sampled', seed: 1, exclude: 'nothing' } as const;
      expect(lossOf(axes(1), axes(1), { negatives: itself })).toBeCloseTo(Math.log(17), 5);
    });
  });

  it('takes memory in proportion to rows times count', async () => {
    const peakOf = async (rows: number, count: number) => {
      const sides = [normal([rows, 32], 1), normal([rows, 32], 2)];
      const run = (c: Tensor, d: Tensor) => cic(c, d, { negatives: { kind: 'sampled', count, seed: 1 } });
      const { peakBytes } = await profile(() => {
        const gradients = grads(run)(sides);
        for (const each of gradients) each.dispose();
        return [];
      });
      for (const each of sides) each.dispose();
      return peakBytes;
    };
    // From 4 to 16 negatives: 12 more pairs a row. A drawn vector of D = 32 alone would have 128 bytes.
    expect(((await peakOf(10, 16)) - (await peakOf(10, 4))) / (10 * 12)).toBeLessThan(100);
    // Pairs of all rows would take 16 times as much.
    expect((await peakOf(40, 4)) / (await peakOf(10, 4))).toBeLessThan(4.2);
  });

  it('refuses unknown kinds, bad counts and seeds, terms outside the rows, and too many pairs', () => {
    tidy(() => {
      const two = normal([2, 3], 1);
      const run = (options: object) => () => cic(two, two, options as CicOptions);
      const drawing = (wrong: object) => run({ negatives: { kind: 'sampled', seed: 1, ...wrong } });
      expect(run({ negatives: { kind: 'none' } })).toThrow(
        "cic: expected negatives.kind to be 'all' or 'sampled', got 'none'",
      );
      expect(drawing({ count: 0 })).toThrow('cic: expected negatives.count to be a whole number from 1, got 0');
      expect(drawing({ seed: 0.5 })).toThrow('cic: negatives: expected seed to be a whole number, got 0.5');
      expect(drawing({ exclude: 'self' })).toThrow(
        "cic: expected negatives.exclude to be 'nothing' or 'sameItem', got 'self'",
      );
      expect(run({ terms: [0, 2] })).toThrow('cic: expected term 1 among 2 rows, got 2');
      const limited = run({ maxPairs: 30, negatives: { kind: 'sampled', seed: 1 } });
      expect(limited).toThrow('cic: expected at most 30 pairs (maxPairs), got 2 queries × 17 candidates = 34');
    });
  });
});
