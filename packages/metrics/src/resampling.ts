import { gaucRule } from './gauc.js';
import type { GaucVariant } from './gauc-variants.js';
import { aucStatistic, type GroupStatistic, gaucStatistic } from './group-statistic.js';
import { MetricInputError } from './metric-input-error.js';
import { randomIntegers } from './random-integers.js';
import { checkCount, MOST_KEPT } from './read-input.js';
import type { ResampledGroups } from './resampled-groups.js';

/** Options of every bootstrap over groups. */
export interface ResamplingOptions {
  /**
   * `[rows]`, integer ids of the units to resample. Usually users, because the rows of one user are not independent.
   */
  readonly groups: ArrayLike<number>;
  /** `[rows]`, 0 or 1. */
  readonly labels: ArrayLike<number>;
  readonly metric: 'auc' | 'gauc';
  /**
   * `[rows]`, for the metric `'gauc'`: integer ids of the groups within which it compares rows, such as visits or
   * queries of users, if they are not those that are resampled. All rows of one such group must be of one group of
   * `groups`. Default: `groups`.
   */
  readonly gaucGroups?: ArrayLike<number>;
  /** GAUC variant, for the metric `'gauc'`. Default `'bySamples'`. */
  readonly variant?: GaucVariant;
  /** Up to 2²⁰. Default 1000. */
  readonly resamples?: number;
  /** Integer from 0 to 2³² − 1. The same seed and data give the same numbers on every machine. */
  readonly seed: number;
  /** Share of the resampled values inside the interval, between 0 and 1. Default 0.95. */
  readonly level?: number;
}

/** Outcome of a bootstrap. */
export interface Resampled {
  /** The statistic on the original data. */
  readonly observed: number;
  /** The statistic on each resample, `[resamples]`, ascending. */
  readonly values: Float64Array;
  /** The percentile interval with `level` of the values. */
  readonly interval: {
    readonly low: number;
    readonly high: number;
    readonly level: number;
    readonly resamples: number;
  };
}

export function statisticOf(
  where: string,
  { metric, variant = 'bySamples' }: Pick<ResamplingOptions, 'metric' | 'variant'>,
  scores: Float64Array,
  labels: Uint8Array,
  groups: ResampledGroups,
): GroupStatistic {
  const rule = gaucRule(where, variant);
  if (metric === 'auc') return aucStatistic(scores, labels, groups.resampled);
  if (metric === 'gauc') return gaucStatistic(scores, labels, groups, rule);
  throw new MetricInputError(where, 'metric to be one of auc, gauc', String(metric));
}

/** Draws `numGroups` groups with replacement and evaluates the statistic on them, `resamples` times. */
export function resample(
  where: string,
  numGroups: number,
  statistic: GroupStatistic,
  { resamples = 1000, seed, level = 0.95 }: Pick<ResamplingOptions, 'resamples' | 'seed' | 'level'>,
): Resampled {
  checkCount(where, 'resamples', resamples, MOST_KEPT);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new MetricInputError(where, 'seed to be an integer from 0 to 4294967295', String(seed));
  }
  if (!(level > 0 && level < 1)) throw new MetricInputError(where, 'level between 0 and 1', String(level));
  const observed = statistic(new Uint32Array(numGroups).fill(1));
  if (Number.isNaN(observed)) throw new MetricInputError(where, 'rows of both classes to compare', 'none');

  const drawBelow = randomIntegers(seed);
  const copies = new Uint32Array(numGroups);
  const values = new Float64Array(resamples);
  let filled = 0;
  while (filled < resamples) {
    copies.fill(0);
    for (let i = 0; i < numGroups; i++) copies[drawBelow(numGroups)]!++;
    const value = statistic(copies);
    // Without a pair to compare, the statistic is undefined: draw again. This ends soon: about 2 of 5 resamples
    // contain both of two given groups.
    if (!Number.isNaN(value)) values[filled++] = value;
  }
  values.sort();
  const low = quantile(values, (1 - level) / 2);
  const high = quantile(values, (1 + level) / 2);
  return { observed, values, interval: { low, high, level, resamples } };
}

/** Linear interpolation between neighbours, as in numpy. */
function quantile(ascending: Float64Array, share: number): number {
  const position = share * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  return low + (position - below) * (high - low);
}
