import {
  assertAttributes,
  gatherStatistics,
  type ItemAttributes,
  noAttributes,
  type Samples,
  type Statistics,
  statisticsLayout,
} from '@sifaka/data';
import { type RegressionPart, rulesFor } from './baseline-list.js';
import { categoryBlock, type FeatureBlock, numberBlock, statisticsBlock } from './features.js';
import { itemMeanLogits } from './item-mean.js';
import { fitLogisticRegression } from './logistic-regression.js';

export interface FitBaselinesOptions {
  readonly samples: Samples;
  /** Positions of the samples to learn from. */
  readonly train: Int32Array;
  /** Positions of the samples to score. */
  readonly indices: Int32Array;
  /** Of the items. Default: none. */
  readonly attributes?: ItemAttributes;
  /** Of all samples, with these attributes. Default: {@link gatherStatistics} gathers them. */
  readonly statistics?: Statistics;
}

export interface FittedBaseline {
  readonly name: string;
  /** In the order of `indices`. */
  readonly logits: Float32Array;
}

/**
 * Fits every baseline that the data have the columns for, in the order of {@link BASELINES}. {@link baselineWarnings}
 * says which ones are left out.
 *
 * - `popularity`: a logistic regression on `log(1 + events of the item in train)`.
 * - `item mean`: the item's smoothed like rate in train.
 * - `user + item biases`: `σ(μ + b_user + b_item)`.
 * - The others are logistic regressions on the parts in their names. `mood` (how much the user liked of what came
 *   last), `liking` (how much more than usual the user liked the item's categories) and `overlap` (words and categories
 *   shared with what the user liked last) are blocks of {@link gatherStatistics}; `all statistics` are all of its
 *   blocks, the counters of the item too, and the categories. Each category is a feature; of a column with more than
 *   300, those with the most events in train are.
 *
 * @throws RangeError if train is empty, attributes or statistics are of other samples, or the statistics of other
 *   attributes.
 */
export function fitBaselines(options: FitBaselinesOptions): readonly FittedBaseline[] {
  const { samples, train, indices, attributes = noAttributes(samples.numItems) } = options;
  if (train.length === 0) throw new RangeError('fitBaselines: expected samples in train, got none');
  assertAttributes('fitBaselines', attributes, samples.numItems);
  const { statistics = gatherStatistics(samples, attributes) } = options;
  const columns = statisticsLayout(attributes).names.join();
  if (statistics.names.join() !== columns) {
    throw new RangeError(`fitBaselines: expected statistics ${columns}, got ${statistics.names.join()}`);
  }
  if (statistics.values.length !== samples.length * statistics.width) {
    const expected = `statistics of ${samples.length} samples × ${statistics.width}`;
    throw new RangeError(`fitBaselines: expected ${expected}, got ${statistics.values.length} values`);
  }
  const blocks: Readonly<Record<RegressionPart, readonly (FeatureBlock | undefined)[]>> = {
    mood: [statisticsBlock(statistics, 'mood')],
    'item mean': [numberBlock(itemMeanLogits(samples, train))],
    'item counters': [statisticsBlock(statistics, 'item')],
    categories: attributes.categories.map((column) => categoryBlock(column, samples, train)),
    liking: [statisticsBlock(statistics, 'liking')],
    overlap: [statisticsBlock(statistics, 'overlap')],
  };
  return rulesFor(attributes).rules.map(({ name, fit }) => {
    if (typeof fit === 'function') return { name, logits: fit(samples, train, indices) };
    const chosen = fit.flatMap((part) => blocks[part]).filter((block) => block !== undefined);
    const { logit } = fitLogisticRegression({ blocks: chosen, labels: samples.labels, train });
    return { name, logits: Float32Array.from(indices, logit) };
  });
}
