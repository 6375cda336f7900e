import { completeCandidates, type FreshVectors, MemoryBank, readHistories } from '@sifaka/memory-bank';
import { ShapeError, seededRandom } from '@sifaka/nn';
import {
  add,
  memory,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor2d,
  tidy,
  variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { storedBank } from './stored-bank.js';

const HISTORIES = Int32Array.of(2, 1, -1, 99, 4, 2); // two users, three positions each

describe('readHistories', () => {
  it('reads the bank, replaces stored vectors by fresh ones, and leaves padding at 0', () => {
    tidy(() => {
      const fresh = {
        ids: [2, 4],
        vectors: tensor2d([
          [-2, -20],
          [4, 40],
        ]),
      };
      const { vectors, mask, counts } = readHistories(storedBank(), HISTORIES, 3, fresh);
      expect(vectors).toBeAllClose([
        [
          [-2, -20],
          [1, 10],
          [0, 0],
        ],
        [
          [0, 0],
          [4, 40],
          [-2, -20],
        ],
      ]);
      expect(mask).toBeAllClose([
        [1, 1, 0],
        [0, 1, 1],
      ]);
      expect(counts).toEqual({ fresh: 3, stored: 1, missing: 1 });
    });
  });

  it('returns stored vectors without fresh ones', () => {
    tidy(() => {
      const { vectors, mask, counts } = readHistories(storedBank(), HISTORIES, 3);
      expect(vectors).toBeAllClose([
        [
          [2, 20],
          [1, 10],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
          [2, 20],
        ],
      ]);
      expect(mask).toBeAllClose([
        [1, 1, 0],
        [0, 0, 1],
      ]);
      expect(counts).toEqual({ fresh: 0, stored: 3, missing: 2 });
    });
  });

  it('equals the join written in loops, over random batches', () => {
    const random = seededRandom(4);
    const draw = (count: number) => Math.floor(random() * count);
    for (let round = 0; round < 30; round++) {
      const [dim, batch, length] = [1 + draw(4), 1 + draw(4), 1 + draw(6)];
      const bank = new MemoryBank({ dim });
      const distinct = (chance: number) => Array.from({ length: 12 }, (_, id) => id).filter(() => random() < chance);
      const block = (ids: number[]) => Float32Array.from({ length: ids.length * dim }, () => random() - 0.5);
      const storedIds = distinct(0.5);
      bank.write(storedIds, block(storedIds), 0);
      const freshIds = distinct(0.3);
      const freshBlock = block(freshIds);
      const histories = Int32Array.from({ length: batch * length }, () => draw(14) - 1);

      const expected: number[] = [];
      const expectedMask: number[] = [];
      for (const id of histories) {
        const index = freshIds.indexOf(id);
        const stored = bank.read([id]);
        if (index >= 0) expected.push(...freshBlock.subarray(index * dim, (index + 1) * dim));
        else expected.push(...stored.vectors);
        expectedMask.push(index >= 0 || stored.found[0] === 1 ? 1 : 0);
      }
      tidy(() => {
        const fresh = { ids: freshIds, vectors: tensor2d(freshBlock, [freshIds.length, dim]) };
        const { vectors, mask, counts } = readHistories(bank, histories, length, fresh);
        expect(vectors.shape).toEqual([batch, length, dim]);
        expect(mask.shape).toEqual([batch, length]);
        expect(Array.from(vectors.dataSync())).toEqual(expected);
        expect(Array.from(mask.dataSync())).toEqual(expectedMask);
        const padding = histories.filter((id) => id < 0).length;
        expect(counts.fresh + counts.stored + counts.missing + padding).toBe(histories.length);
        expect(counts.fresh + counts.stored).toBe(expectedMask.reduce((a, b) => a + b));
      });
    }
  });

  it('accepts a history of padding alone, and no history at all', () => {
    tidy(() => {
      const padded = readHistories(storedBank(), Int32Array.of(-1, -1), 2);
      expect(padded.vectors).toBeAllClose([
        [
          [0, 0],
          [0, 0],
        ],
      ]);
      expect(padded.counts).toEqual({ fresh: 0, stored: 0, missing: 0 });
      expect(readHistories(storedBank(), new Int32Array(0), 3).vectors.shape).toEqual([0, 3, 2]);
    });
  });

  it('creates two tensors and keeps no others', () => {
    const fresh = { ids: [2], vectors: tensor2d([[5, 5]]) };
    const before = memory().numTensors;
    const { vectors, mask } = readHistories(storedBank(), HISTORIES, 3, fresh);
    expect(memory().numTensors - before).toBe(2);
    expect(fresh.vectors).toBeAllClose([[5, 5]]);
    for (const tensor of [vectors, mask, fresh.vectors]) tensor.dispose();
  });

  it('refuses a length that does not divide the ids, and fresh vectors of another width, without leaks', () => {
    const fresh = { ids: [1], vectors: tensor2d([[1, 2, 3]]) };
    expect(() => readHistories(storedBank(), HISTORIES, 4)).toThrow('readHistories: ids: expected [B · 4], got [6]');
    expect(() => readHistories(storedBank(), HISTORIES, 0)).toThrow(ShapeError);
    expect(() => readHistories(storedBank(), HISTORIES, 3, fresh)).toThrow(
      'readHistories: fresh vectors: expected [1, 2], got [1, 3]',
    );
    fresh.vectors.dispose();
  });
});

describe('gradient of the dedup join', () => {
  const candidateLoss = (fresh: FreshVectors): Scalar =>
    sum(mul(completeCandidates(storedBank(), [4, 1, 2], fresh).vectors, 3)) as Scalar;
  const historyLoss = (fresh: FreshVectors): Scalar =>
    sum(square(readHistories(storedBank(), HISTORIES, 3, fresh).vectors)) as Scalar;
  const freshOf = (vectors: Tensor): FreshVectors => ({ ids: [2, 4], vectors });

  const leaf = () =>
    tidy(() =>
      variable(
        tensor2d([
          [-2, -20],
          [4, 40],
        ]),
      ),
    );

  it('comes from candidates only, not from histories', () => {
    const weight = leaf();
    tidy(() => {
      const { value, grads } = variableGrads(() => {
        const fresh = freshOf(mul(weight, 2));
        return add(candidateLoss(fresh), historyLoss(fresh)) as Scalar;
      });
      // The value has both losses: 3·(8 + 80 + 1 + 10 − 4 − 40) and the squares of the histories, item 2 twice.
      expect(value).toBeAllClose([3 * 55 + 2 * (16 + 1600) + (64 + 6400) + (1 + 100)]);
      expect(Object.values(grads)).toHaveLength(1);
      expect(Object.values(grads)[0]!).toBeAllClose([
        [6, 6],
        [6, 6],
      ]);
    });
    weight.dispose();
  });

  it('does not exist for histories alone', () => {
    const weight = leaf();
    const other = leaf();
    tidy(() => {
      const loss = () => add(historyLoss(freshOf(mul(weight, 2))), sum(other)) as Scalar;
      const { grads } = variableGrads(loss, [weight, other]);
      expect(Object.keys(grads)).toEqual([other.name]);
      const withCandidates = () => add(loss(), candidateLoss(freshOf(mul(weight, 2)))) as Scalar;
      expect(Object.keys(variableGrads(withCandidates, [weight, other]).grads)).toEqual([weight.name, other.name]);
    });
    weight.dispose();
    other.dispose();
  });
});
