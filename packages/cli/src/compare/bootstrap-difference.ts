import { MetricInputError, type PairedBootstrapResult, pairedBootstrap } from '@sifaka/metrics';
import type { Dataset } from '../dataset/dataset.js';
import { signed } from '../tables/figure.js';
import type { TableMetric } from './table-metric.js';

export interface BootstrapDifferenceOptions {
  /** `'gauc'`: by user. `'gaucByVisit'`: by visit (session). Both weighted by samples. */
  readonly metric: TableMetric;
  /** Selects test samples. Default: all. */
  readonly isIn?: (sample: number) => boolean;
}

/**
 * How much better the test logits `a` are than `b`, with an interval by paired bootstrap over users. The metric is
 * averaged over the runs of a model.
 *
 * @returns null if the metric is undefined: the selected samples have only one class or, for GAUC, no user or
 *   visit has both.
 */
export function bootstrapDifference(
  a: readonly Float32Array[],
  b: readonly Float32Array[],
  { samples, split }: Dataset,
  { metric, isIn = () => true }: BootstrapDifferenceOptions,
): PairedBootstrapResult | null {
  const indices = Array.from(split.test.keys()).filter((i) => isIn(split.test[i]!));
  const pick = (runs: readonly Float32Array[]) => runs.map((logits) => indices.map((i) => logits[i]!));
  try {
    return pairedBootstrap({
      a: pick(a),
      b: pick(b),
      labels: indices.map((i) => samples.labels[split.test[i]!]!),
      groups: indices.map((i) => samples.users[split.test[i]!]!),
      ...(metric === 'gaucByVisit'
        ? { metric: 'gauc', gaucGroups: indices.map((i) => samples.sessions[split.test[i]!]!) }
        : { metric }),
      seed: 1,
    });
  } catch (error) {
    if (MetricInputError.isInstance(error)) return null;
    throw error;
  }
}

/** A difference and its interval as two cells of a table; dashes for null. */
export function differenceCells(result: PairedBootstrapResult | null): [difference: string, interval: string] {
  if (result === null) return ['–', '–'];
  return [signed(result.difference), `[${signed(result.low)}, ${signed(result.high)}]`];
}

/** A difference with its interval in one cell; a dash for null. */
export function differenceCell(result: PairedBootstrapResult | null): string {
  return result === null ? '–' : differenceCells(result).join(' ');
}
