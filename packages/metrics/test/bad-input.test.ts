import {
  auc,
  bootstrapInterval,
  calibration,
  type GaucVariant,
  gauc,
  logLoss,
  logLossFromLogits,
  MetricInputError,
  ndcgAt,
  pairedBootstrap,
  qauc,
  recallAt,
} from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';

type Metric = (scores: number[], labels: number[]) => unknown;

const resampling = { metric: 'gauc', seed: 1, resamples: 5 } as const;
const metrics: Record<string, Metric> = {
  auc,
  gauc: (scores, labels) => gauc(scores, labels, [1, 1]),
  logLoss,
  logLossFromLogits,
  calibration,
  recallAt: (scores, labels) => recallAt(scores, labels, { k: 1 }),
  ndcgAt: (scores, labels) => ndcgAt(scores, labels, { k: 1 }),
  bootstrapInterval: (scores, labels) => bootstrapInterval({ ...resampling, groups: [1, 1], labels, scores }),
  pairedBootstrap: (a, labels) => pairedBootstrap({ ...resampling, groups: [1, 1], labels, a, b: a }),
};

describe.each(Object.entries(metrics))('%s', (where, metric) => {
  it('accepts valid input', () => {
    expect(() => metric([0.5, 0.25], [1, 0])).not.toThrow();
  });

  it('names itself and the row of a NaN', () => {
    const error = caught(() => metric([0.5, Number.NaN], [1, 0]));
    expect(error.message).toMatch(new RegExp(`^${where}: expected numbers in \\w+, got NaN at index 1$`));
    expect(error).toMatchObject({ where, index: 1 });
  });

  it('names itself and the row of a label that is neither 0 nor 1', () => {
    expect(caught(() => metric([0.5, 0.25], [1, 2])).message).toBe(
      `${where}: expected 0 or 1 in labels, got 2 at index 1`,
    );
    expect(caught(() => metric([0.5, 0.25], [Number.NaN, 1])).message).toBe(
      `${where}: expected 0 or 1 in labels, got NaN at index 0`,
    );
  });

  it('refuses unequal lengths and no rows', () => {
    expect(caught(() => metric([0.5, 0.25], [1])).message).toBe(
      `${where}: expected 2 values in labels, one per row, got 1`,
    );
    expect(caught(() => metric([], [])).message).toMatch(
      new RegExp(`^${where}: expected at least one row in \\w+, got none$`),
    );
  });
});

describe('options and ids', () => {
  it.each<[string, () => unknown, string]>([
    ['group ids', () => gauc([1, 2], [0, 1], [1, 1.5]), 'gauc: expected integer ids in groups, got 1.5 at index 1'],
    [
      'groups',
      () => ndcgAt([1, 2], [0, 1], { k: 1, groups: [1] }),
      'ndcgAt: expected 2 values in groups, one per row, got 1',
    ],
    ['K', () => recallAt([1], [1], { k: 0 }), 'recallAt: expected k to be an integer of at least 1, got 0'],
    [
      'bins',
      () => calibration([1], [1], { bins: 2.5 }),
      'calibration: expected bins to be an integer from 1 to 1048576, got 2.5',
    ],
    [
      'numbers of bins',
      () => calibration([1], [1], { bins: 1e12 }),
      'calibration: expected bins to be an integer from 1 to 1048576, got 1000000000000',
    ],
    [
      'denominators',
      () => recallAt([1], [1], { k: 1, denominator: 'all' as 'relevant' }),
      'recallAt: expected denominator to be relevant or attainable, got all',
    ],
    [
      'query ids',
      () => qauc([1, 2], [0, 1], [0, -2]),
      'qauc: expected integers of at least −1 in queryIds, got -2 at index 1',
    ],
    [
      'probabilities',
      () => logLoss([0.5, 1.5], [1, 0]),
      'logLoss: expected probabilities from 0 to 1, got 1.5 at index 1',
    ],
    [
      'variants',
      () => gauc([1, 2], [0, 1], [1, 1], { variant: 'toString' as GaucVariant }),
      'gauc: expected variant to be one of bySamples, mean, byPositives, meanDroppingTied, meanLosingTies, singleClassAsZero, got toString',
    ],
  ])('refuses bad %s', (_, call, message) => {
    expect(caught(call).message).toBe(message);
  });

  const rows = { groups: [1, 1, 2, 2], labels: [1, 0, 1, 0], a: [2, 1, 2, 1], b: [1, 2, 3, 1] };
  it.each<[string, () => unknown, string]>([
    [
      'seeds',
      () => pairedBootstrap({ ...rows, ...resampling, seed: -1 }),
      'seed to be an integer from 0 to 4294967295, got -1',
    ],
    ['levels', () => pairedBootstrap({ ...rows, ...resampling, level: 95 }), 'level between 0 and 1, got 95'],
    [
      'resamples',
      () => pairedBootstrap({ ...rows, ...resampling, resamples: 0 }),
      'resamples to be an integer from 1 to 1048576, got 0',
    ],
    [
      'numbers of resamples',
      () => pairedBootstrap({ ...rows, ...resampling, resamples: 1e12 }),
      'resamples to be an integer from 1 to 1048576, got 1000000000000',
    ],
    ['second models', () => pairedBootstrap({ ...rows, ...resampling, b: [1] }), '4 values in b, one per row, got 1'],
    [
      'metrics',
      () => pairedBootstrap({ ...rows, ...resampling, metric: 'map' as 'auc' }),
      'metric to be one of auc, gauc, got map',
    ],
    [
      'classes',
      () => pairedBootstrap({ ...rows, ...resampling, labels: [1, 1, 1, 1] }),
      'rows of both classes to compare, got none',
    ],
  ])('refuses bad %s of a bootstrap', (_, call, message) => {
    expect(caught(call).message).toBe(`pairedBootstrap: expected ${message}`);
  });
});

function caught(call: () => unknown): MetricInputError {
  try {
    call();
  } catch (error) {
    if (MetricInputError.isInstance(error) && error instanceof RangeError) return error;
    throw error;
  }
  throw new Error('expected an error, got none');
}
