import { completeCandidates, readHistories } from '@sifaka/memory-bank';
import { add, mul, type Scalar, sum, type Tensor, tensor1d, tensor2d, tidy, valueAndGrad } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { storedBank } from './stored-bank.js';

describe('a missing item', () => {
  it('is a masked zero vector by default', () => {
    tidy(() => {
      const byDefault = completeCandidates(storedBank(), [1, 99, -1]);
      const masked = completeCandidates(storedBank(), [1, 99, -1], undefined, { missing: 'mask' });
      for (const { vectors, mask } of [byDefault, masked]) {
        expect(vectors).toBeAllClose([
          [1, 10],
          [0, 0],
          [0, 0],
        ]);
        expect(mask).toBeAllClose([1, 0, 0]);
      }
    });
  });

  it('as zero has mask 1; padding has mask 0', () => {
    tidy(() => {
      const { vectors, mask, counts } = readHistories(storedBank(), Int32Array.of(1, 99, -1, 2), 2, undefined, {
        missing: 'zero',
      });
      expect(vectors).toBeAllClose([
        [
          [1, 10],
          [0, 0],
        ],
        [
          [0, 0],
          [2, 20],
        ],
      ]);
      expect(mask).toBeAllClose([
        [1, 1],
        [0, 1],
      ]);
      expect(counts).toEqual({ fresh: 0, stored: 2, missing: 1 });
    });
  });

  it('as a learned vector has mask 1 and receives the gradient of all its positions, also in histories', () => {
    tidy(() => {
      const fresh = { ids: [7], vectors: tensor2d([[5, 50]]) };
      const loss = (missing: Tensor) => {
        const candidates = completeCandidates(storedBank(), [99, 7, 1, 98], fresh, { missing });
        const histories = readHistories(storedBank(), Int32Array.of(99, -1, 2, 97), 2, fresh, { missing });
        expect(candidates.mask).toBeAllClose([1, 1, 1, 1]);
        expect(histories.mask).toBeAllClose([
          [1, 0],
          [1, 1],
        ]);
        expect(candidates.vectors).toBeAllClose([
          [3, 4],
          [5, 50],
          [1, 10],
          [3, 4],
        ]);
        const weights = tensor2d([
          [1, 2],
          [100, 100],
          [100, 100],
          [3, 5],
        ]);
        return add(sum(mul(candidates.vectors, weights)), mul(sum(histories.vectors), 10)) as Scalar;
      };
      const { grad } = valueAndGrad(loss)(tensor1d([3, 4]));
      expect(grad).toBeAllClose([1 + 3 + 20, 2 + 5 + 20]);
    });
  });

  it('names the expected shape of the learned vector', () => {
    tidy(() => {
      const missing = tensor1d([1, 2, 3]);
      expect(() => completeCandidates(storedBank(), [1], undefined, { missing })).toThrow(
        'completeCandidates: missing vector: expected [2], got [3]',
      );
      expect(() => readHistories(storedBank(), Int32Array.of(1), 1, undefined, { missing })).toThrow(
        'readHistories: missing vector: expected [2], got [3]',
      );
    });
  });
});
