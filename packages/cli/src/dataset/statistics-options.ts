import { type StatisticsOptions, statisticsColumns } from '@sifaka/trainer';
import type { Dataset } from './dataset.js';

const known = new WeakMap<Dataset, StatisticsOptions>();

/**
 * The option `statistics` of a model that reads all statistics of the data, with a wide part. Means and deviations are
 * those of the train part.
 */
export function statisticsOptions(data: Dataset): StatisticsOptions {
  let options = known.get(data);
  if (options === undefined) {
    options = { columns: statisticsColumns(data.statistics, data.split.train), wide: true };
    known.set(data, options);
  }
  return options;
}
