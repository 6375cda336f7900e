import { importParameters } from '@sifaka/nn';
import { BprBatches, BprMf, bprLoss, groupByUser, hasItem, Vbpr } from '@sifaka/retrieval';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import { matMul, mul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { plantedData } from './planted-data.js';

describe('bprLoss', () => {
  it('is ln 2 for equal scores, and ln(1 + e^-d) for a difference of d', () => {
    tidy(() => {
      const users = tensor2d([[1, 2]]);
      expect(bprLoss(users, users, users)).toBeAllClose([Math.LN2]);
      // 1·3 + 2·1 − (1·1 + 2·0.5) = 3
      expect(bprLoss(users, tensor2d([[3, 1]]), tensor2d([[1, 0.5]]))).toBeAllClose([Math.log1p(Math.exp(-3))]);
    });
  });

  it('is the mean over triples, and is finite for large differences', () => {
    tidy(() => {
      const users = tensor2d([[1], [1]]);
      const loss = bprLoss(users, tensor2d([[500], [-500]]), tensor2d([[-500], [500]]));
      expect(loss).toBeAllClose([500]); // (0 + 1000) / 2
    });
  });

  it('has the gradients of finite differences', () => {
    const inputs = [normal([3, 2], 1), normal([3, 2], 2), normal([3, 2], 3)];
    checkGradient((u, p, n) => bprLoss(u!, p!, n!), inputs);
    for (const each of inputs) each.dispose();
  });

  it('names shapes that differ', () => {
    tidy(() => {
      expect(() => bprLoss(normal([3, 2], 1), normal([3, 1], 1), normal([3, 2], 1))).toThrow('bprLoss: positives');
    });
  });
});

describe('BprBatches', () => {
  const data = plantedData({ users: 12, items: 15, kinds: 3, perUser: 6 });
  const all = (epoch: number) => [...new BprBatches({ data, batchSize: 10, seed: 4 }).epoch(epoch)];

  it('has every train interaction once, and negatives that the user does not have', () => {
    const batches = all(0);
    expect(batches.map(({ users }) => users.length)).toEqual([10, 10, 10, 10, 8]);
    const pairs = batches.flatMap(({ users, positives }) => Array.from(users, (user, i) => [user, positives[i]!]));
    expect(
      groupByUser(
        12,
        pairs.map(([user]) => user!),
        pairs.map(([, item]) => item!),
      ),
    ).toEqual(data.train);
    expect(pairs.length).toBe(data.train.items.length);
    for (const { users, negatives } of batches) {
      users.forEach((user, i) => {
        expect(hasItem(data.train, user, negatives[i]!)).toBe(false);
      });
    }
  });

  it('depends on the epoch and the seed only', () => {
    expect(all(1)).toEqual(all(1));
    expect(all(1)).not.toEqual(all(0));
  });

  it('draws negatives uniformly', () => {
    const train = groupByUser(1, [0], [2]);
    const few = { numUsers: 1, numItems: 4, train };
    const batches = new BprBatches({ data: few, batchSize: 1, seed: 1 });
    const counts = [0, 0, 0, 0];
    for (let epoch = 0; epoch < 6000; epoch++)
      for (const { negatives } of batches.epoch(epoch)) counts[negatives[0]!]!++;
    expect(counts[2]).toBe(0);
    for (const item of [0, 1, 3]) expect(Math.abs(counts[item]! - 2000)).toBeLessThan(4 * Math.sqrt((6000 * 2) / 9));
  });

  it('refuses a user that has every item', () => {
    const train = groupByUser(2, [0, 1, 1], [0, 0, 1]);
    expect(() => new BprBatches({ data: { numUsers: 2, numItems: 2, train }, batchSize: 1, seed: 1 })).toThrow(
      'BprBatches: expected an item that user 1 does not have in train, got none',
    );
  });
});

describe('models of BPR', () => {
  const data = plantedData({ users: 6, items: 9, kinds: 3, perUser: 4 });
  const batch = { users: Int32Array.of(0, 3), positives: Int32Array.of(1, 1), negatives: Int32Array.of(8, 2) };

  it('are determined by their seed', () => {
    const score = (model: BprMf | Vbpr) => {
      const { users, items } = model.vectors();
      return mul(matMul(users, items, false, true), 100);
    };
    expectSeededModule(
      (seed) => new BprMf({ data, dim: 4, seed }),
      (model) => score(model),
    );
    expectSeededModule(
      (seed) => new Vbpr({ data, dim: 4, seed }),
      (model) => score(model),
    );
  });

  it('VBPR scores β_i + γ_u γ_i + θ_u E f_i + β′ f_i', () => {
    const model = new Vbpr({ data, dim: 4, seed: 1 });
    const draw = new Map(
      [...model.parameters].map(([path, { shape }], i) => {
        const values = tidy(() => Float32Array.from(normal([...shape], i).dataSync()));
        return [path, { dtype: 'F32' as const, shape, data: values }];
      }),
    );
    importParameters(model.parameters, draw);
    const of = (path: string) => draw.get(path)!;
    const dot = (path: string, row: number, vector: readonly number[]) =>
      vector.reduce((total, value, k) => total + value * of(path).data[row * vector.length + k]!, 0);
    const [user, item] = [4, 7];
    const row = (path: string, index: number) => Array.from(of(path).data.slice(4 * index, 4 * index + 4), Number);
    let expected = Number(of('biases').data[item]) + dot('factors', user, row('factors', data.numUsers + item));
    Object.values(data.features).forEach(({ dim, values }, m) => {
      for (let f = 0; f < dim; f++) {
        const value = values[item * dim + f]!;
        expected += value * dot(`projections.${m}.weight`, f, row('contentFactors', user));
        expected += value * Number(of(`visualBiases.${m}.weight`).data[f]);
      }
    });
    tidy(() => {
      const { users, items } = model.vectors();
      const scores = matMul(users, items, false, true).dataSync();
      expect([scores[user * data.numItems + item]!]).toBeAllClose([expected], { rtol: 1e-4 });
    });
    model.dispose();
  });

  it('BPR-MF and VBPR lower their loss along its gradient', () => {
    for (const model of [new BprMf({ data, dim: 4, seed: 1 }), new Vbpr({ data, dim: 4, seed: 1 })]) {
      const loss = model.loss(batch);
      expect(loss.dataSync()[0]).toBeGreaterThan(0.3);
      loss.dispose();
      model.dispose();
    }
  });

  it('check their options before they create a weight', () => {
    expect(() => new BprMf({ data, dim: 0, seed: 1 })).toThrow(
      'BprMf: expected dim to be a whole number from 1, got 0',
    );
    expect(() => new Vbpr({ data, regularization: -1, seed: 1 })).toThrow('Vbpr: expected regularization');
    expect(() => new Vbpr({ data: { ...data, features: {} }, seed: 1 })).toThrow(
      'Vbpr: expected features of at least one modality, got none',
    );
  });
});
