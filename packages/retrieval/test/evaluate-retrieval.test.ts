import { MetricInputError, ndcgAt, recallAt } from '@sifaka/metrics';
import { buildRetrievalData, evaluateRetrieval, itemsOf, popularityVectors } from '@sifaka/retrieval';
import { normal } from '@sifaka/test-kit';
import { matMul, ones, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { plantedData } from './planted-data.js';

const data = plantedData({ users: 40, items: 90, kinds: 5, perUser: 10 });

describe('evaluateRetrieval', () => {
  it('equals the metrics of @sifaka/metrics over every item that is not in train', async () => {
    const vectors = { users: normal([40, 3], 1), items: normal([90, 3], 2) };
    const scores = tidy(() => matMul(vectors.users, vectors.items, false, true).dataSync());
    for (const part of ['validation', 'test'] as const) {
      const rows = { scores: [] as number[], labels: [] as number[], groups: [] as number[] };
      for (let user = 0; user < 40; user++) {
        const train = new Set(itemsOf(data.train, user));
        const relevant = new Set(itemsOf(data[part], user));
        for (let item = 0; item < 90; item++) {
          if (train.has(item)) continue;
          rows.scores.push(scores[user * 90 + item]!);
          rows.labels.push(relevant.has(item) ? 1 : 0);
          rows.groups.push(user);
        }
      }
      const recall = (k: number) => recallAt(rows.scores, rows.labels, { k, groups: rows.groups }).value;
      const ndcg = (k: number) => ndcgAt(rows.scores, rows.labels, { k, groups: rows.groups }).value;
      const metrics = await evaluateRetrieval(vectors, data, part);
      expect(metrics.users).toBe(40);
      const { recall10, recall20, ndcg10, ndcg20 } = metrics;
      expect([recall10, recall20, ndcg10, ndcg20]).toBeAllClose([recall(10), recall(20), ndcg(10), ndcg(20)]);
    }
    vectors.users.dispose();
    vectors.items.dispose();
  });

  it('gives equal scores the value of a random order', async () => {
    const vectors = { users: ones([40, 2]), items: zeros([90, 2]) };
    const { recall20 } = await evaluateRetrieval(vectors, data, 'test');
    const expected = Array.from({ length: 40 }, (_, user) => 20 / (90 - itemsOf(data.train, user).length));
    expect([recall20]).toBeAllClose([expected.reduce((sum, each) => sum + each) / 40]);
    vectors.users.dispose();
    vectors.items.dispose();
  });

  it('leaves out train items, and of test no validation items', async () => {
    // User 0 has items 0, 1 in train, 2 in validation, 3 in test. The best scores are those of the lowest ids.
    const few = buildRetrievalData({
      users: [0, 0, 0, 0, 1, 1],
      items: [0, 1, 2, 3, 5, 4],
      parts: [0, 0, 1, 2, 0, 1],
      numItems: 40,
    });
    const vectors = {
      users: ones([2, 1]),
      items: tensor2d(
        Array.from({ length: 40 }, (_, item) => -item),
        [40, 1],
      ),
    };
    const validation = await evaluateRetrieval(vectors, few, 'validation');
    expect(validation.users).toBe(2);
    // User 0: item 2 is first. User 1: item 4 is fifth.
    expect(validation.ndcg10).toBeCloseTo((1 + 1 / Math.log2(6)) / 2, 6);
    const test = await evaluateRetrieval(vectors, few, 'test');
    expect(test.users).toBe(1);
    expect(test.ndcg10).toBeCloseTo(1 / Math.log2(3), 6); // second, after item 2
    vectors.users.dispose();
    vectors.items.dispose();
  });

  it('refuses scores that are NaN, and a part without interactions', async () => {
    const vectors = { users: tensor2d(new Float32Array(40).fill(Number.NaN), [40, 1]), items: ones([90, 1]) };
    await expect(evaluateRetrieval(vectors, data, 'test')).rejects.toSatisfy(MetricInputError.isInstance);
    const one = buildRetrievalData({ users: [0, 0, 0], items: [0, 1, 2], parts: [0, 1, 2], numItems: 4 });
    const broken = { users: ones([1, 1]), items: tensor2d([0, 0, 1, Number.NaN], [4, 1]) };
    await expect(evaluateRetrieval(broken, one, 'test')).rejects.toThrow(
      'evaluateRetrieval: expected scores without NaN, got NaN for user 0 and item 3',
    );
    broken.users.dispose();
    broken.items.dispose();
    const none = buildRetrievalData({ users: [0], items: [0], parts: [0], numItems: 3 });
    await expect(evaluateRetrieval(vectors, none, 'test')).rejects.toThrow('expected interactions in test, got none');
    vectors.users.dispose();
    vectors.items.dispose();
  });
});

describe('popularityVectors', () => {
  it('score an item by its train interactions', () => {
    const train = { starts: Int32Array.of(0, 2, 3), items: Int32Array.of(0, 2, 2) };
    const { users, items } = popularityVectors({ numUsers: 2, numItems: 4, train });
    expect(users).toBeAllClose([[1], [1]]);
    expect(items).toBeAllClose([[1], [0], [2], [0]]);
    users.dispose();
    items.dispose();
  });
});
