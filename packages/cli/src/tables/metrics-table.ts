import type { Samples } from '@sifaka/data';
import type { Metrics, QuerySource } from '@sifaka/trainer';
import { meanAndDeviation } from './figure.js';

/** One scorer's figures on one part of the data. */
export interface ScorerMetrics {
  readonly all: Metrics;
  /** On items without an event in train. */
  readonly cold: Metrics;
}

export type MetricHeading =
  | 'AUC'
  | 'GAUC'
  | 'by visit'
  | 'QAUC'
  | 'log loss'
  | 'cold-item AUC'
  | 'cold-item GAUC'
  | 'cold by visit';

/** The figure of each column. */
const COLUMNS: Readonly<Record<MetricHeading, (metrics: ScorerMetrics) => number>> = {
  AUC: ({ all }) => all.auc,
  GAUC: ({ all }) => all.gauc.bySamples,
  'by visit': ({ all }) => all.gauc.byVisit.weighted,
  QAUC: ({ all }) => all.qauc.value,
  'log loss': ({ all }) => all.logLoss,
  'cold-item AUC': ({ cold }) => cold.auc,
  'cold-item GAUC': ({ cold }) => cold.gauc.bySamples,
  'cold by visit': ({ cold }) => cold.gauc.byVisit.weighted,
};

/** The columns of a table of figures, without QAUC and visits. */
export const METRIC_HEADINGS: readonly MetricHeading[] = ['AUC', 'GAUC', 'log loss', 'cold-item AUC', 'cold-item GAUC'];

/** QAUC is added for models that read the samples' queries. */
export function metricHeadings(query: QuerySource): readonly MetricHeading[] {
  const [auc, gauc, ...others] = METRIC_HEADINGS;
  return query === 'samples' ? [auc!, gauc!, 'QAUC', ...others] : METRIC_HEADINGS;
}

/** GAUC by visit, weighted by samples, is added beside GAUC by user if histories end where visits begin. */
export function headingsFor(
  { historyAsOf }: Pick<Samples, 'historyAsOf'>,
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): readonly MetricHeading[] {
  if (historyAsOf === 'event') return headings;
  return headings.flatMap((heading): MetricHeading[] => {
    if (heading === 'GAUC') return [heading, 'by visit'];
    return heading === 'cold-item GAUC' ? [heading, 'cold by visit'] : [heading];
  });
}

/** One row's cells, without its name: mean and deviation over the seeds. */
export function metricCells(
  seeds: readonly ScorerMetrics[],
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): string[] {
  return headings.map((heading) => meanAndDeviation(seeds.map(COLUMNS[heading])));
}
