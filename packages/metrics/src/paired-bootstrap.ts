import type { GroupStatistic } from './group-statistic.js';
import { checkLength, readLabels, readScores } from './read-input.js';
import { readResampledGroups } from './resampled-groups.js';
import { type ResamplingOptions, resample, statisticOf } from './resampling.js';

export interface PairedBootstrapOptions extends ResamplingOptions {
  /** `[rows]` scores of the first model, any scale; or of several training runs, whose metrics are averaged. */
  readonly a: Runs;
  /** Scores of the second model for the same rows. The scale and the number of runs may differ. */
  readonly b: Runs;
}

/** Scores of one run or of several runs. */
export type Runs = ArrayLike<number> | readonly ArrayLike<number>[];

export interface PairedBootstrapResult {
  /** `metric(a) − metric(b)` on the original data: positive if `a` is better. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
  readonly groups: number;
  /**
   * Two-sided: twice the smaller share of resampled differences `≤ 0` or `≥ 0`. One is added to the count and to the
   * total, so that it is never 0 (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, §4.2).
   */
  readonly pValue: number;
}

/**
 * Tests whether model `a` would beat model `b` on other users too. Resamples groups with replacement, measures both
 * models on the same resamples, and returns a percentile interval of the differences (Efron and Tibshirani, "An
 * Introduction to the Bootstrap", 1993, ch. 13).
 *
 * With several runs of a model, the interval is about the mean of these runs. It does not include the variance between
 * runs.
 *
 * Rows are sorted once per run. A resample costs one pass over the rows (`'auc'`) or over the groups (`'gauc'`).
 *
 * @throws {@link MetricInputError} for bad rows (see {@link gauc}), a bad seed, level or number of resamples, or rows
 *   on which the metric is undefined.
 */
export function pairedBootstrap(options: PairedBootstrapOptions): PairedBootstrapResult {
  const where = 'pairedBootstrap';
  const read = (name: 'a' | 'b') => runsOf(options[name]).map((scores) => readScores(where, name, scores));
  const [a, b] = [read('a'), read('b')];
  const rows = a[0]!.length;
  for (const scores of a) checkLength(where, 'a', scores, rows);
  for (const scores of b) checkLength(where, 'b', scores, rows);
  const labels = readLabels(where, options.labels, rows);
  const groups = readResampledGroups(where, options, rows);
  const meanOf = (runs: readonly Float64Array[]): GroupStatistic => {
    const statistics = runs.map((scores) => statisticOf(where, options, scores, labels, groups));
    return (copies) => statistics.reduce((total, statistic) => total + statistic(copies), 0) / runs.length;
  };

  const ofA = meanOf(a);
  const ofB = meanOf(b);
  const difference = (copies: Uint32Array): number => ofA(copies) - ofB(copies);
  const { observed, values, interval } = resample(where, groups.resampled.count, difference, options);
  return { difference: observed, ...interval, groups: groups.resampled.count, pValue: twoSided(values) };
}

function runsOf(runs: Runs): readonly ArrayLike<number>[] {
  return typeof runs[0] === 'object' ? (runs as readonly ArrayLike<number>[]) : [runs as ArrayLike<number>];
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
