import { readLabels, readScores } from './read-input.js';
import { readResampledGroups } from './resampled-groups.js';
import { type ResamplingOptions, resample, statisticOf } from './resampling.js';

export interface BootstrapIntervalOptions extends ResamplingOptions {
  /** `[rows]`, the model's scores, any scale. */
  readonly scores: ArrayLike<number>;
}

export interface BootstrapIntervalResult {
  /** The metric on the original data. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
  readonly groups: number;
}

/**
 * Percentile interval of a metric over groups resampled with replacement: how much the metric would vary with other
 * users (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13). To compare two models use
 * {@link pairedBootstrap}: intervals of single models can overlap although the difference is significant.
 *
 * @throws {@link MetricInputError} for bad rows (see {@link gauc}), a bad seed, level or number of resamples, or rows
 *   on which the metric is undefined.
 */
export function bootstrapInterval(options: BootstrapIntervalOptions): BootstrapIntervalResult {
  const scores = readScores('bootstrapInterval', 'scores', options.scores);
  const labels = readLabels('bootstrapInterval', options.labels, scores.length);
  const groups = readResampledGroups('bootstrapInterval', options, scores.length);
  const statistic = statisticOf('bootstrapInterval', options, scores, labels, groups);
  const { observed, interval } = resample('bootstrapInterval', groups.resampled.count, statistic, options);
  return { value: observed, ...interval, groups: groups.resampled.count };
}
