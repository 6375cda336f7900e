import { readGroups, readLabels, readScores } from './read-input.js';
import { type ResamplingOptions, resample, statisticOf } from './resampling.js';

export interface BootstrapIntervalOptions extends ResamplingOptions {
  /** `[rows]`, the model's scores, any scale. */
  readonly scores: ArrayLike<number>;
}

export interface BootstrapIntervalResult {
  /** The metric on the data as it is. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
  readonly groups: number;
}

/**
 * How far a metric could move had other users come: a percentile interval (Efron 1979) over groups resampled with replacement.
 * To compare two models use {@link pairedBootstrap}: two such intervals overlap long after the difference is certain.
 *
 * @throws {@link MetricInputError} for bad rows (see {@link gauc}), a bad seed, level or number of resamples, or rows on
 *   which the metric is undefined.
 */
export function bootstrapInterval(options: BootstrapIntervalOptions): BootstrapIntervalResult {
  const scores = readScores('bootstrapInterval', 'scores', options.scores);
  const labels = readLabels('bootstrapInterval', options.labels, scores.length);
  const groups = readGroups('bootstrapInterval', options.groups, scores.length);
  const statistic = statisticOf('bootstrapInterval', options, scores, labels, groups);
  const { observed, interval } = resample('bootstrapInterval', groups.count, statistic, options);
  return { value: observed, ...interval, groups: groups.count };
}
