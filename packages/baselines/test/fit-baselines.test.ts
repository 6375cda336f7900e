import { BASELINES, baselineWarnings, fitBaselines, itemMean, popularity, userItemBiases } from '@sifaka/baselines';
import { categoryColumn, gatherStatistics, type ItemAttributes, noAttributes, wordBags } from '@sifaka/data';
import { auc } from '@sifaka/metrics';
import { describe, expect, test } from 'vitest';
import { allOf, randomEvents, samplesOf } from './made-up-samples.js';

const samples = samplesOf(randomEvents(400), 11);
const train = allOf(samples).subarray(0, 300);
const indices = allOf(samples).subarray(300);
const items = Array.from({ length: 11 }, (_, item) => item);
const genre = categoryColumn(
  'genre',
  items.map((item) => [item < 4 ? 'Drama' : 'War']),
);
const words = wordBags(items.map((item) => `a${item % 3} b${item % 2}`));
const fit = (attributes: Partial<ItemAttributes>) =>
  fitBaselines({ samples, train, indices, attributes: { ...noAttributes(11), ...attributes } });
const namesOf = (attributes: Partial<ItemAttributes>) => fit(attributes).map(({ name }) => name);
const warningsOf = (attributes: Partial<ItemAttributes>) => baselineWarnings({ ...noAttributes(11), ...attributes });

describe('fitBaselines', () => {
  test('fits all baselines in their order, those alone and the regressions', () => {
    const fitted = fit({ categories: [genre], words });
    expect(fitted.map(({ name }) => name)).toEqual(BASELINES);
    expect(BASELINES).toEqual([
      ...['popularity', 'item mean', 'user + item biases', 'mood + item mean'],
      ...['mood + item mean + categories + liking', 'overlap', 'all hand-made features', 'all statistics'],
    ]);
    expect(warningsOf({ categories: [genre], words })).toEqual([]);
    const logits = Object.fromEntries(fitted.map((each) => [each.name, each.logits]));
    expect(logits['popularity']).toEqual(popularity(samples, train, indices));
    expect(logits['item mean']).toEqual(itemMean(samples, train, indices));
    expect(logits['user + item biases']).toEqual(userItemBiases(samples, train, indices));
    const labels = Array.from(indices, (sample) => samples.labels[sample]!);
    // Likes differ by user, which mood knows, and by item.
    expect(auc(logits['mood + item mean']!, labels)).toBeGreaterThan(auc(logits['item mean']!, labels));
  });

  test('knows nothing of the labels that it scores', () => {
    const flipped = { ...samples, labels: samples.labels.map((label, i) => (i < 399 ? label : 1 - label)) };
    const attributes = { categories: [genre], words };
    expect(fitBaselines({ samples: flipped, train, indices, attributes })).toEqual(fit(attributes));
  });

  test('takes statistics that were gathered before', () => {
    const attributes = { categories: [genre], words };
    const statistics = gatherStatistics(samples, attributes);
    expect(fitBaselines({ samples, train, indices, attributes, statistics })).toEqual(fit(attributes));
    const short = { ...statistics, values: statistics.values.subarray(1) };
    expect(() => fitBaselines({ samples, train, indices, attributes, statistics: short })).toThrow(
      `fitBaselines: expected statistics of 400 samples × ${statistics.width}, got ${short.values.length} values`,
    );
    expect(() => fitBaselines({ samples, train: new Int32Array(0), indices })).toThrow('samples in train, got none');
  });

  test('refuses attributes of other items, and statistics of other attributes', () => {
    const attributes = { categories: [genre], words };
    const statistics = gatherStatistics(samples, attributes);
    expect(() => fitBaselines({ samples, train, indices, attributes: noAttributes(10), statistics })).toThrow(
      'fitBaselines: expected words of 11 items, got 10',
    );
    const others = gatherStatistics(samples);
    expect(() => fitBaselines({ samples, train, indices, attributes, statistics: others })).toThrow(
      `fitBaselines: expected statistics ${statistics.names.join()}, got ${others.names.join()}`,
    );
  });

  test('leaves out what the data lack, and says so', () => {
    const without = (...left: string[]) => BASELINES.filter((name) => !left.includes(name));
    expect(namesOf({})).toEqual([...BASELINES.slice(0, 4), 'all statistics']);
    expect(warningsOf({})).toEqual([
      'baseline "mood + item mean + categories + liking" is left out: items have no categories',
      'baseline "overlap" is left out: items have no words',
      'baseline "all hand-made features" is left out: items have no categories or words',
      'baseline "all statistics" lacks parts: items have no categories or words',
    ]);
    expect(namesOf({ words })).toEqual(without('mood + item mean + categories + liking'));
    expect(warningsOf({ words })).toEqual([
      'baseline "mood + item mean + categories + liking" is left out: items have no categories',
      'baseline "all hand-made features" lacks parts: items have no categories',
      'baseline "all statistics" lacks parts: items have no categories',
    ]);
    const decade = { ...genre, inOverlap: false };
    expect(namesOf({ categories: [decade] })).toEqual(without('overlap', 'all hand-made features'));
  });

  test('says that a column has more categories than features', () => {
    const many = categoryColumn('brand', [
      Array.from({ length: 301 }, (_, i) => `${i}`),
      ...items.slice(1).map(() => []),
    ]);
    expect(warningsOf({ categories: [many], words })).toEqual([
      'baselines: 300 of 301 categories in "brand" are features',
    ]);
    expect(namesOf({ categories: [many], words })).toEqual(BASELINES);
  });
});
