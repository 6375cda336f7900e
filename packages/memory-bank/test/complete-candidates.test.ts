import { completeCandidates, MemoryBank } from '@sifaka/memory-bank';
import {
  grad,
  mul,
  type Scalar,
  sum,
  type Tensor,
  tensor2d,
  tidy,
  variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { storedBank } from './stored-bank.js';

describe('completeCandidates', () => {
  it('takes fresh vectors first, then stored ones, and zeros with mask 0 for missing items', () => {
    tidy(() => {
      const fresh = {
        ids: [4, 2],
        vectors: tensor2d([
          [4, 40],
          [-2, -20],
        ]),
      };
      const { vectors, mask, counts } = completeCandidates(storedBank(), [1, 2, 99, 4, 3, 2], fresh);
      expect(vectors).toBeAllClose([
        [1, 10],
        [-2, -20],
        [0, 0],
        [4, 40],
        [3, 30],
        [-2, -20],
      ]);
      expect(Array.from(mask.dataSync())).toEqual([1, 1, 0, 1, 1, 1]);
      expect(counts).toEqual({ fresh: 3, stored: 2, missing: 1 });
    });
  });

  it('sums the gradients of all positions of a fresh vector; stored and missing ones have none', () => {
    tidy(() => {
      const weights = tensor2d([
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
        [9, 10],
        [11, 12],
      ]);
      const loss = (vectors: Tensor) => {
        const joined = completeCandidates(storedBank(), [1, 2, 99, 4, 3, 2], {
          ids: [4, 2, 50],
          vectors,
        });
        return sum(mul(joined.vectors, weights)) as Scalar;
      };
      const toFresh = grad(loss)(
        tensor2d([
          [4, 40],
          [-2, -20],
          [0.5, 0.5],
        ]),
      );
      // Item 4 is at position 3, item 2 at 1 and 5, item 50 nowhere.
      expect(toFresh).toBeAllClose([
        [7, 8],
        [14, 16],
        [0, 0],
      ]);
    });
  });

  it('passes the gradient through the fresh vectors', () => {
    const weight = tidy(() =>
      variable(
        tensor2d([
          [2, 0],
          [0, 3],
        ]),
      ),
    );
    tidy(() => {
      const inputs = tensor2d([[1, 1]]);
      const { grads } = variableGrads(() => {
        const vectors = mul(weight, inputs); // two fresh rows
        return sum(completeCandidates(storedBank(), [2, 1, 4, 4], { ids: [2, 4], vectors }).vectors) as Scalar;
      });
      expect(Object.values(grads)[0]!).toBeAllClose([
        [1, 1],
        [2, 2],
      ]);
    });
    weight.dispose();
  });

  it('takes the later row of an id that is fresh twice; only that row has a gradient', () => {
    tidy(() => {
      const join = (vectors: Tensor) => completeCandidates(storedBank(), [4], { ids: [4, 4], vectors }).vectors;
      const fresh = tensor2d([
        [1, 1],
        [5, 5],
      ]);
      expect(join(fresh)).toBeAllClose([[5, 5]]);
      expect(grad((x) => sum(join(x)))(fresh)).toBeAllClose([
        [0, 0],
        [1, 1],
      ]);
    });
  });

  it('works without fresh vectors, without stored ones, and without ids', () => {
    tidy(() => {
      const stored = completeCandidates(storedBank(), [3, 99]);
      expect(stored.vectors).toBeAllClose([
        [3, 30],
        [0, 0],
      ]);
      const noneFresh = completeCandidates(storedBank(), [3], { ids: [], vectors: tensor2d([], [0, 2]) });
      expect(noneFresh.vectors).toBeAllClose([[3, 30]]);
      const empty = new MemoryBank({ dim: 2 });
      const fresh = completeCandidates(empty, [8], { ids: [8], vectors: tensor2d([[6, 7]]) });
      expect(fresh.vectors).toBeAllClose([[6, 7]]);
      expect(fresh.counts).toEqual({ fresh: 1, stored: 0, missing: 0 });
      const nothing = completeCandidates(storedBank(), []);
      expect([nothing.vectors.shape, nothing.mask.shape]).toEqual([[0, 2], [0]]);
    });
  });

  it("changes only the bank's count of reads, and does not dispose the fresh tensor", () => {
    tidy(() => {
      const bank = storedBank();
      const before = bank.snapshot();
      const vectors = tensor2d([[4, 40]]);
      completeCandidates(bank, [4, 1], { ids: [4], vectors });
      expect(bank.snapshot()).toEqual({ ...before, reads: Int32Array.of(1, 0, 0) });
      expect(vectors).toBeAllClose([[4, 40]]);
    });
  });

  it('does not change with later writes', () => {
    tidy(() => {
      const bank = storedBank();
      const { vectors } = completeCandidates(bank, [1]);
      bank.write([1], Float32Array.of(-1, -1), 5);
      expect(vectors).toBeAllClose([[1, 10]]);
    });
  });

  it('names the expected shape of fresh vectors', () => {
    tidy(() => {
      const join = (ids: number[], shape: [number, number]) => () =>
        completeCandidates(storedBank(), [1], { ids, vectors: tensor2d(new Float32Array(shape[0] * shape[1]), shape) });
      expect(join([1], [1, 3])).toThrow('completeCandidates: fresh vectors: expected [1, 2], got [1, 3]');
      expect(join([1, 2], [1, 2])).toThrow('completeCandidates: fresh vectors: expected [2, 2], got [1, 2]');
    });
  });
});
