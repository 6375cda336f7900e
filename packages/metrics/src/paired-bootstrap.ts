import { checkLength, readGroups, readLabels, readScores } from './read-input.js';
import { type ResamplingOptions, resample, statisticOf } from './resampling.js';

export interface PairedBootstrapOptions extends ResamplingOptions {
  /** `[rows]`, one model's scores, any scale. */
  readonly a: ArrayLike<number>;
  /** `[rows]`, the other model's scores for the same rows; the scale may differ. */
  readonly b: ArrayLike<number>;
}

export interface PairedBootstrapResult {
  /** `metric(a) − metric(b)` on the data as it is: positive where `a` is better. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
  readonly groups: number;
  /**
   * Two-sided: twice the smaller share of resampled differences on either side of 0, 0 itself counted with both. One is added to
   * count and total, so it is never 0: `resamples` bounds what can be claimed (Davison and Hinkley 1997, §4.2).
   */
  readonly pValue: number;
}

/**
 * Whether model `a` beats model `b` for other users too: groups are resampled with replacement, both models are measured on the same
 * resample, and the differences give a percentile interval (Efron 1979).
 *
 * Rows are sorted once; a resample costs one pass over the rows (`'auc'`) or over the groups (`'gauc'`).
 *
 * @throws {@link MetricInputError} for bad rows (see {@link gauc}), a bad seed, level or number of resamples, or rows on
 *   which the metric is undefined.
 */
export function pairedBootstrap(options: PairedBootstrapOptions): PairedBootstrapResult {
  const a = readScores('pairedBootstrap', 'a', options.a);
  checkLength('pairedBootstrap', 'b', options.b, a.length);
  const b = readScores('pairedBootstrap', 'b', options.b);
  const labels = readLabels('pairedBootstrap', options.labels, a.length);
  const groups = readGroups('pairedBootstrap', options.groups, a.length);

  const ofA = statisticOf('pairedBootstrap', options, a, labels, groups);
  const ofB = statisticOf('pairedBootstrap', options, b, labels, groups);
  const difference = (copies: Uint32Array): number => ofA(copies) - ofB(copies);
  const { observed, values, interval } = resample('pairedBootstrap', groups.count, difference, options);
  return { difference: observed, ...interval, groups: groups.count, pValue: twoSided(values) };
}

function twoSided(differences: Float64Array): number {
  let atMostZero = 0;
  let atLeastZero = 0;
  for (const difference of differences) {
    if (difference <= 0) atMostZero++;
    if (difference >= 0) atLeastZero++;
  }
  return Math.min(1, (2 * (Math.min(atMostZero, atLeastZero) + 1)) / (differences.length + 1));
}
