import { buildSamples, InteractionBuilder, type Samples } from '@sifaka/data';
import { seededRandom } from '@sifaka/nn';
import { measure, popularity, userItemBiases } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { makeWorld } from './small-world.js';

const WORLD = makeWorld({ events: 400 });

/** Samples in the order of the events; users and items are numbers. */
function samplesOf(events: readonly (readonly [user: number, item: number, label: 0 | 1])[], items: number): Samples {
  const builder = new InteractionBuilder();
  events.forEach(([user, item, label], i) => {
    builder.add(String(user), String(item), label === 1 ? 5 : 1, 1000 + i);
  });
  const itemIds = Array.from({ length: items }, (_, item) => String(item));
  return buildSamples(builder.build({ itemIds }).interactions);
}

const all = (samples: Samples) => Int32Array.from({ length: samples.length }, (_, i) => i);
const NO_QAUC = { value: Number.NaN, usableGroups: 0, usableSamples: 0 };
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const logit = (p: number) => Math.log(p / (1 - p));

describe('popularity', () => {
  test('gives the log-odds of the items with the same count, if there are two counts', () => {
    // Item 0 has four events, three of them liked; items 1 and 2 have two each, one of these four liked.
    const samples = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 0, 1],
        [3, 0, 0],
        [0, 1, 1],
        [1, 1, 0],
        [2, 2, 0],
        [3, 2, 0],
      ],
      4,
    );
    const scores = popularity(samples, all(samples), Int32Array.of(0, 4, 6));
    expect(scores).toBeAllClose([logit(3 / 4), logit(1 / 4), logit(1 / 4)], { atol: 1e-5 });
  });

  test('maximises the likelihood: its gradient is zero', () => {
    const { samples, split } = WORLD;
    const scores = popularity(samples, split.train, split.train);
    const counts = new Map<number, number>();
    for (const sample of split.train) counts.set(samples.items[sample]!, (counts.get(samples.items[sample]!) ?? 0) + 1);
    let intercept = 0;
    let slope = 0;
    split.train.forEach((sample, index) => {
      const residual = samples.labels[sample]! - sigmoid(scores[index]!);
      intercept += residual;
      slope += residual * Math.log1p(counts.get(samples.items[sample]!)!);
    });
    expect([intercept, slope]).toBeAllClose([0, 0], { atol: 1e-3 });
  });

  test('learns from train events only', () => {
    const { samples, split } = WORLD;
    const fewer = { ...samples, labels: samples.labels.slice() };
    for (const sample of split.test) fewer.labels[sample] = 1 - fewer.labels[sample]!;
    expect(popularity(fewer, split.train, split.test)).toEqual(popularity(samples, split.train, split.test));
    const coldScores = popularity(
      samples,
      split.train,
      split.test.filter((sample) => WORLD.cold[samples.items[sample]!] === 1),
    );
    expect(coldScores.length).toBeGreaterThan(5);
    expect(new Set(coldScores).size).toBe(1);
  });

  test('is the share of likes if all counts are equal, and high but finite if everything is liked', () => {
    for (const times of [2, 7, 40]) {
      const events = Array.from({ length: 6 * times }, (_, i) => [i, i % 6, i % 4 === 0 ? 0 : 1] as const);
      const even = samplesOf(events, 6);
      const share = events.filter(([, , label]) => label === 1).length / events.length;
      const scores = popularity(even, all(even), all(even));
      expect(scores).toBeAllClose(new Array(events.length).fill(logit(share)), { atol: 1e-3 });
    }
    const liked = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 1, 1],
      ],
      2,
    );
    const scores = popularity(liked, all(liked), all(liked));
    for (const score of scores) expect(score).toBeGreaterThan(3);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  test('stays finite if the count separates likes from dislikes, and ranks them', () => {
    const apart = samplesOf(
      [
        [0, 0, 1],
        [1, 0, 1],
        [2, 0, 1],
        [3, 1, 0],
        [0, 2, 0],
      ],
      3,
    );
    const scores = popularity(apart, all(apart), all(apart));
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(Math.min(...scores.slice(0, 3))).toBeGreaterThan(Math.max(...scores.slice(3)));
  });
});

describe('userItemBiases', () => {
  // Train has neither user 99 nor item 11, so probes with them give the mean and each bias alone.
  const random = seededRandom(5);
  const rated = Array.from({ length: 160 }, () => {
    const user = Math.floor(9 * random());
    const item = Math.floor(11 * random());
    return [user, item, random() < sigmoid(0.5 + (user - 4) / 3 + (5 - item) / 4) ? 1 : 0] as const;
  });
  const users = [...new Set(rated.map(([user]) => user))];
  const items = [...new Set(rated.map(([, item]) => item))];
  const probes = [[99, 11, 0], ...users.map((user) => [user, 11, 0]), ...items.map((item) => [99, item, 0])] as const;
  const samples = samplesOf([...rated, ...probes] as [number, number, 0 | 1][], 12);
  const train = all(samples).subarray(0, rated.length);
  const scores = userItemBiases(samples, train, all(samples).subarray(rated.length));
  const mean = scores[0]!;
  const userBias = new Map(users.map((user, k) => [user, scores[1 + k]! - mean]));
  const itemBias = new Map(items.map((item, k) => [item, scores[1 + users.length + k]! - mean]));

  test('maximises the likelihood of mean and biases, with a penalty of 3/2 b² on each bias', () => {
    const residuals = rated.map(([user, item, label]) => ({
      user,
      item,
      residual: label - sigmoid(mean + userBias.get(user)! + itemBias.get(item)!),
    }));
    const sum = (chosen: typeof residuals) => chosen.reduce((total, { residual }) => total + residual, 0);
    expect(sum(residuals)).toBeCloseTo(0, 2);
    for (const [user, bias] of userBias) {
      expect(sum(residuals.filter((row) => row.user === user)) - 3 * bias).toBeCloseTo(0, 3);
    }
    for (const [item, bias] of itemBias) {
      expect(sum(residuals.filter((row) => row.item === item)) - 3 * bias).toBeCloseTo(0, 3);
    }
    expect(Math.max(...userBias.values()) - Math.min(...userBias.values())).toBeGreaterThan(0.5);
  });

  test('scores a pair by the sum of mean and biases', () => {
    const pair = userItemBiases(samples, train, Int32Array.of(0))[0]!;
    const [user, item] = rated[0]!;
    expect(pair).toBeCloseTo(mean + userBias.get(user)! + itemBias.get(item)!, 5);
  });

  test('learns from train events only', () => {
    const changed = { ...samples, labels: samples.labels.map((label, i) => (i < rated.length ? label : 1)) };
    expect(userItemBiases(changed, train, train)).toEqual(userItemBiases(samples, train, train));
  });

  test('is finite if everything is liked', () => {
    const liked = { ...samples, labels: samples.labels.map(() => 1) };
    const certain = userItemBiases(liked, train, train);
    expect(certain.every((score) => Number.isFinite(score) && score > 3)).toBe(true);
  });
});

describe('measure', () => {
  // Three users; item 2 is cold. The metrics can be computed by hand.
  const samples = samplesOf(
    [
      [0, 0, 1],
      [0, 1, 0],
      [0, 2, 1],
      [1, 0, 0],
      [1, 2, 0],
      [2, 1, 1],
      [2, 2, 1],
    ],
    3,
  );
  const logits = Float32Array.of(2, 1, 0, 0, -1, 1, -2);
  const options = { samples, indices: all(samples), cold: Uint8Array.of(0, 0, 1) };

  test('gives AUC, GAUC by user and log loss as computed by hand', () => {
    const { all: figures } = measure(logits, options);
    // Positives 2, 0, 1, −2 against negatives 1, 0, −1: 3 + 1.5 + 2.5 + 0 of 12 pairs.
    expect(figures.auc).toBeCloseTo(7 / 12, 12);
    // Only user 0 has both classes: 2 beats 1, 0 does not.
    expect(figures.gauc).toMatchObject({ bySamples: 0.5, usableGroups: 1 });
    expect(figures.qauc).toEqual(NO_QAUC);
    const softplus = (z: number) => Math.log(1 + Math.exp(z));
    const total = [-2, 1, 0, 0, -1, -1, 2].reduce((sum, z) => sum + softplus(z), 0);
    expect(figures.logLoss).toBeCloseTo(total / 7, 6);
    expect(figures.events).toBe(7);
  });

  test('gives the same for the events of cold items', () => {
    const { cold } = measure(logits, options);
    // Positives 0 and −2 against the negative −1.
    expect(cold).toMatchObject({ events: 3, auc: 0.5, gauc: { usableGroups: 0, bySamples: Number.NaN } });
  });

  test('gives QAUC by query id as computed by hand, over the events with a query', () => {
    // Query 0: 2 beats 1. Query 1: 0 ties with 0 and beats −1, three quarters. Query 2 has one class, the last event no
    // query.
    const withQueries = { ...samples, queryIds: Int32Array.of(0, 0, 1, 1, 1, 2, -1), queries: ['a', 'b', 'c'] };
    const { all: figures, cold } = measure(logits, { ...options, samples: withQueries });
    expect(figures.qauc).toEqual({ value: 0.875, usableGroups: 2, usableSamples: 5 });
    expect(cold.qauc).toEqual({ value: 1, usableGroups: 1, usableSamples: 2 });
    expect(figures.gauc).toMatchObject({ bySamples: 0.5, usableGroups: 1 });
  });

  test('gives GAUC by visit as computed by hand, weighted by samples and plain', () => {
    // Visit 0: 2 beats 1. Visit 1: 0 ties with 0 and beats −1, three quarters. Visit 2 has one class.
    const sessions = Int32Array.of(0, 0, 1, 1, 1, 2, 2);
    const { all: figures, cold } = measure(logits, { ...options, samples: { ...samples, sessions } });
    expect(figures.gauc.byVisit).toEqual({ weighted: (2 * 1 + 3 * 0.75) / 5, mean: 0.875, usableVisits: 2 });
    expect(cold.gauc.byVisit).toEqual({ weighted: 1, mean: 1, usableVisits: 1 });
  });

  test('measures the chosen samples, in their order', () => {
    const indices = Int32Array.of(4, 2, 0);
    const { all: figures } = measure(Float32Array.of(-1, 0, 2), { ...options, indices });
    expect(figures).toMatchObject({ events: 3, auc: 1 });
  });

  test('gives NaN for a part without events', () => {
    const { all: figures, cold } = measure(logits.subarray(0, 2), { ...options, indices: Int32Array.of(0, 1) });
    expect(figures.events).toBe(2);
    const none = {
      events: 0,
      auc: Number.NaN,
      gauc: {
        ...{ bySamples: Number.NaN, usableGroups: 0 },
        byVisit: { weighted: Number.NaN, mean: Number.NaN, usableVisits: 0 },
      },
      qauc: NO_QAUC,
      logLoss: Number.NaN,
    };
    expect(cold).toEqual(none);
    expect(measure(new Float32Array(0), { ...options, indices: new Int32Array(0) })).toEqual({ all: none, cold: none });
  });
});
