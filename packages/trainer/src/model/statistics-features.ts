import { type Statistics, standardization } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import type { MultimodalRanker } from './multimodal-ranker.js';
import type { StatisticsColumn } from './options.js';

/**
 * Standardised values beyond this are cut, so that a count far outside the train part has a bounded effect.
 */
const LARGEST = 5;

/**
 * Describes statistics for a model's option `statistics.columns`: names, and what standardises them.
 *
 * @param indices positions of samples; only those of the train part do not leak
 * @throws RangeError if there are no indices, or one is out of range.
 */
export function statisticsColumns(statistics: Statistics, indices: Int32Array): StatisticsColumn[] {
  const { mean, deviation } = standardization(statistics, indices);
  return statistics.names.map((name, column) => ({ name, mean: mean[column]!, deviation: deviation[column]! }));
}

/**
 * Brings a batch's statistics to mean 0 and deviation 1, and cuts them at ±5.
 *
 * @param values `[B · width]`, row by row
 * @param columns `[width]`
 * @returns `[B, width]`
 */
export function statisticsFeatures(values: Float32Array, columns: readonly StatisticsColumn[]): Tensor2D {
  const width = columns.length;
  const features = values.map((value, index) => {
    const { mean, deviation } = columns[index % width]!;
    return Math.max(-LARGEST, Math.min(LARGEST, (value - mean) / deviation));
  });
  return tensor2d(features, [values.length / width, width]);
}

/**
 * The statistics for the batches of a model.
 *
 * @returns nothing if the model reads none.
 * @throws RangeError if the model reads statistics, and none or those of other columns are given.
 */
export function readStatistics(
  where: string,
  { options }: MultimodalRanker,
  statistics: Statistics | undefined,
): { readonly statistics?: Statistics } {
  if (options.statistics === undefined) return {};
  const expected = options.statistics.columns.map(({ name }) => name).join();
  const got = statistics?.names.join();
  if (statistics !== undefined && got === expected) return { statistics };
  throw new RangeError(`${where}: expected the model's statistics (${expected}), got ${got ?? 'none'}`);
}
