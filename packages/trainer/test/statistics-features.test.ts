import { gatherStatistics, type Statistics } from '@sifaka/data';
import {
  evaluate,
  exportWeights,
  importWeights,
  type RankerOptions,
  statisticsColumns,
  statisticsFeatures,
  train,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { bankWith } from './small-bank.js';
import { batchOf, FAST, makeWorld, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const COLUMNS = [
  { name: 'a', mean: 1, deviation: 2 },
  { name: 'b', mean: 0, deviation: 0.5 },
];
const rows = (...values: number[]) => ({
  ...batchOf(Array.from({ length: values.length / 2 }, (_, row) => ({ item: 1 + row, label: row % 2 ? 1 : 0 }))),
  statistics: Float32Array.from(values),
});
/** One column, which is the label: no other feature is as good. */
function labelAsStatistic(labels: Float32Array): Statistics {
  return { width: 1, names: ['label'], blocks: [], values: labels };
}

describe('statisticsFeatures', () => {
  test('bring each column to mean 0 and deviation 1, and cut what is far outside', () => {
    const features = statisticsFeatures(Float32Array.of(3, 1, 1, 0, -99, 99), COLUMNS);
    expect(features.shape).toEqual([3, 2]);
    expect(features.dataSync()).toBeAllClose([1, 2, 0, 0, -5, 5]);
    features.dispose();
  });

  test('of the train part have the mean and deviation of statisticsColumns', () => {
    const { samples, split } = makeWorld({ events: 300 });
    const statistics = gatherStatistics(samples);
    const columns = statisticsColumns(statistics, split.train);
    expect(columns.map(({ name }) => name)).toEqual(statistics.names);
    const { width } = statistics;
    columns.forEach(({ mean, deviation }, column) => {
      const values = Array.from(split.train, (sample) => statistics.values[sample * width + column]!);
      const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / values.length;
      expect([mean, deviation]).toBeAllClose([expected, Math.sqrt(variance) || 1]);
    });
  });
});

describe('a ranker with statistics', () => {
  const models: Readonly<Record<string, (wide: boolean) => RankerOptions>> = {
    lemur: (wide) => tinyLemur({ statistics: { columns: COLUMNS, wide } }),
    idOnly: (wide) => tinyIdOnly({ statistics: { columns: COLUMNS, wide } }),
  };
  for (const [name, optionsOf] of Object.entries(models)) {
    test(`${name}: adds the wide part to the logit, and reads the statistics in its head, too`, () => {
      const bank = bankWith();
      const [deep, both] = [makeModel(optionsOf(false)), makeModel(optionsOf(true))];
      const score = (model: typeof deep, ...values: number[]) => [...model.predict(rows(...values), bank)];
      const weights = exportWeights(both);
      const wide = weights.dense.get('wide.weight')!.data as Float32Array;
      wide.set([2, -3]);
      (weights.dense.get('wide.bias')!.data as Float32Array).set([0.5]);
      importWeights(both, weights);
      const values = [3, 1, 1, 0]; // standardised: 1, 2 and 0, 0
      const without = score(deep, ...values);
      expect(score(both, ...values)).toBeAllClose([without[0]! + 2 * 1 - 3 * 2 + 0.5, without[1]! + 0.5]);
      expect(score(deep, 1, 0, 1, 0)[0]).not.toBe(without[0]);
    });
  }

  test('learns from them alone, served as trained', async () => {
    const world = makeWorld({ events: 600 });
    const statistics = labelAsStatistic(world.samples.labels);
    const columns = statisticsColumns(statistics, world.split.train);
    const model = makeModel(tinyIdOnly({ statistics: { columns, wide: true }, optimizer: FAST }));
    await train(trainingOf(model), { ...world, statistics, steps: 40, batchSize: 32 });
    const part = { ...world, statistics, indices: world.split.test };
    expect(evaluate(model, part).all.auc).toBe(1);
  });

  test('refuses batches and calls without its statistics, by name', async () => {
    const world = makeWorld({ events: 300 });
    const model = makeModel(tinyIdOnly({ statistics: { columns: COLUMNS, wide: true } }));
    const statistics = gatherStatistics(world.samples);
    expect(() => model.predict(batchOf([{ item: 1 }]), bankWith())).toThrow(
      'expected 2 statistics (see gatherStatistics), got none',
    );
    expect(() => model.predict(rows(1, Number.NaN), bankWith())).toThrow('expected finite numbers, got NaN at 1');
    expect(() => evaluate(model, { ...world, indices: world.split.test })).toThrow(
      "evaluate: expected the model's statistics (a,b), got none",
    );
    await expect(train(trainingOf(model), { ...world, statistics, steps: 1 })).rejects.toThrow(
      "train: expected the model's statistics (a,b), got mood.last50,",
    );
  });
});
