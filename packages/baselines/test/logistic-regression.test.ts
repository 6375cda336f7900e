import { readFileSync } from 'node:fs';
import { categoryBlock, type FeatureBlock, fitLogisticRegression, numberBlock } from '@sifaka/baselines';
import { categoryColumn } from '@sifaka/data';
import { describe, expect, test } from 'vitest';
import { allOf, logit, samplesOf, sigmoid } from './made-up-samples.js';

const train = Int32Array.from({ length: 60 }, (_, i) => i);

describe('fitLogisticRegression', () => {
  const golden = JSON.parse(readFileSync(new URL('golden/logistic-regression.json', import.meta.url), 'utf8')) as {
    readonly penalty: number;
    readonly numbers: [number, number][];
    readonly group: number[];
    readonly labels: number[];
    readonly weights: number[];
  };
  const labels = Float32Array.from(golden.labels);
  const columns = [
    ...[0, 1].map((column) => golden.numbers.map((row) => row[column]!)),
    golden.group,
    golden.group.map((value) => 1 - value),
  ];

  test('gives the weights of scikit-learn, also of columns that depend on each other', () => {
    const blocks = columns.map((values) => numberBlock(values));
    const { weights, logit: logitOf } = fitLogisticRegression({ blocks, labels, train, penalty: golden.penalty });
    expect([...weights]).toBeAllClose(golden.weights, { atol: 1e-5 });
    const row = [1, ...columns.map((values) => values[7]!)];
    expect(logitOf(7)).toBeCloseTo(
      row.reduce((sum, value, k) => sum + value * weights[k]!, 0),
      12,
    );
  });

  test('has the gradient 0 with the default penalty of 0.01', () => {
    const { weights, logit: logitOf } = fitLogisticRegression({ blocks: [numberBlock(columns[1]!)], labels, train });
    const residuals = Array.from(train, (sample) => labels[sample]! - sigmoid(logitOf(sample)));
    const gradients = [() => 1, (sample: number) => columns[1]![sample]!].map((feature, k) =>
      residuals.reduce((sum, residual, sample) => sum + residual * feature(sample), -0.01 * weights[k]!),
    );
    expect(gradients).toBeAllClose([0, 0], { atol: 1e-3 });
  });

  test('finds the minimum where a whole Newton step overshoots', () => {
    // One event of another class far outside: the first steps are far too long.
    const values = [...Array.from({ length: 59 }, (_, i) => (i % 2) / 100), 1000];
    const of = Float32Array.from(values, (value, i) => (i === 59 ? 0 : value > 0 ? 1 : 0));
    const penalty = 1e-6;
    const fit = fitLogisticRegression({ blocks: [numberBlock(values)], labels: of, train, penalty });
    const loss = (slope: number, constant: number) =>
      values.reduce(
        (sum, value, i) => {
          const score = constant + slope * value;
          return sum + Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - of[i]! * score;
        },
        (penalty / 2) * (slope ** 2 + constant ** 2),
      );
    const [constant, slope] = [fit.weights[0]!, fit.weights[1]!];
    for (const [a, b] of [
      [1e-4, 0],
      [-1e-4, 0],
      [0, 1e-3],
      [0, -1e-3],
    ] as const) {
      expect(loss(slope, constant)).toBeLessThanOrEqual(loss(slope + a, constant + b) + 1e-9);
    }
  });

  test('stays finite if everything is liked, or a feature separates the classes', () => {
    const all = fitLogisticRegression({ blocks: [], labels: labels.map(() => 1), train });
    expect(all.logit(0)).toBeGreaterThan(3);
    expect(Number.isFinite(all.logit(0))).toBe(true);
    const apart = fitLogisticRegression({ blocks: [numberBlock(labels)], labels, train });
    expect([...apart.weights].every(Number.isFinite)).toBe(true);
  });

  test('refuses features that are not finite', () => {
    const blocks: FeatureBlock[] = [numberBlock([...columns[0]!.slice(1), Number.NaN])];
    expect(() => fitLogisticRegression({ blocks, labels, train })).toThrow(
      'expected finite features, got a loss of NaN',
    );
  });
});

describe('categoryBlock', () => {
  test('gives each category the log-odds of its items', () => {
    const samples = samplesOf(
      Array.from({ length: 80 }, (_, i) => [i, i % 2, i % (i % 2 === 0 ? 8 : 5) === 0 ? 1 : 0] as const),
      2,
    );
    const genre = categoryColumn('genre', [['War'], ['Drama']]);
    const blocks = [categoryBlock(genre, samples, allOf(samples))];
    const labels = samples.labels;
    const fit = fitLogisticRegression({ blocks, labels, train: allOf(samples), penalty: 1e-7 });
    for (const item of [0, 1]) {
      const own = [...allOf(samples)].filter((sample) => samples.items[sample] === item);
      const share = own.reduce((sum, sample) => sum + labels[sample]!, 0) / own.length;
      expect(fit.logit(own[0]!)).toBeCloseTo(logit(share), 4);
    }
  });

  test('keeps the 300 categories with most events in train', () => {
    const numItems = 302;
    // Items 5 and 7 have one event in train, the others two.
    const twice = Array.from({ length: 2 * numItems }, (_, i) => [i, i % numItems, 1] as const);
    const samples = samplesOf(
      twice.filter(([user, item]) => user < numItems || (item !== 5 && item !== 7)),
      numItems,
    );
    const names = Array.from({ length: numItems }, (_, item) => [`${1000 + item}`]);
    const block = categoryBlock(categoryColumn('brand', names), samples, allOf(samples));
    expect(block.width).toBe(300);
    const columnsOf = (item: number) => {
      const row = { columns: [] as number[], add: (column: number) => row.columns.push(column) };
      block.write(samples.items.indexOf(item), row as never, 10);
      return row.columns;
    };
    expect([4, 5, 6, 7, 8, 301].map(columnsOf)).toEqual([[14], [], [15], [], [16], [309]]);
  });
});
