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

  test('finds the minimum where whole Newton steps never end', () => {
    const rows = [
      [70.97, 98.66, 49.68],
      [-552.39, 190.64, -179.39],
      [-129.54, 537.61, 407.33],
      [-56.26, 534.19, 18170.88],
      [90.5, 163.01, -127.55],
    ];
    const of = Float32Array.of(0, 0, 1, 0, 1);
    const five = Int32Array.of(0, 1, 2, 3, 4);
    const blocks = [0, 1, 2].map((column) => numberBlock(rows.map((row) => row[column]!)));
    const { weights, logit: logitOf } = fitLogisticRegression({ blocks, labels: of, train: five });
    const features = [(_: number) => 1, ...[0, 1, 2].map((column) => (sample: number) => rows[sample]![column]!)];
    // In the direction of each weight, relative to its curvature: how far it is from the minimum.
    features.forEach((feature, k) => {
      let [gradient, curvature] = [0.01 * weights[k]!, 0.01];
      for (const sample of five) {
        const probability = sigmoid(logitOf(sample));
        gradient += (probability - of[sample]!) * feature(sample);
        curvature += probability * (1 - probability) * feature(sample) ** 2;
      }
      expect(gradient ** 2 / curvature).toBeLessThan(1e-7);
    });
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

  test('writes the categories of an item in ascending columns, however frequent they are', () => {
    const samples = samplesOf(
      [
        [0, 0, 1],
        [1, 1, 0],
        [2, 1, 1],
      ],
      2,
    );
    const block = categoryBlock(categoryColumn('genre', [['A', 'B'], ['B']]), samples, allOf(samples));
    const columns: number[] = [];
    block.write(0, { add: (column: number) => columns.push(column) } as never, 5);
    expect(columns).toEqual([5, 6]);
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
