import type { Metrics, QuerySource } from '@sifaka/trainer';
import { meanAndDeviation } from './figure.js';

/** One scorer's figures on one part of the data. */
export interface ScorerMetrics {
  readonly all: Metrics;
  /** On items without an event in train. */
  readonly cold: Metrics;
}

export type MetricHeading = 'AUC' | 'GAUC' | 'QAUC' | 'log loss' | 'cold-item AUC' | 'cold-item GAUC';

/** The figure of each column. */
const COLUMNS: Readonly<Record<MetricHeading, (metrics: ScorerMetrics) => number>> = {
  AUC: ({ all }) => all.auc,
  GAUC: ({ all }) => all.gauc.bySamples,
  QAUC: ({ all }) => all.qauc.value,
  'log loss': ({ all }) => all.logLoss,
  'cold-item AUC': ({ cold }) => cold.auc,
  'cold-item GAUC': ({ cold }) => cold.gauc.bySamples,
};

/** The columns of a table of figures, without QAUC. */
export const METRIC_HEADINGS: readonly MetricHeading[] = ['AUC', 'GAUC', 'log loss', 'cold-item AUC', 'cold-item GAUC'];

/** QAUC is added for models that read the samples' queries. */
export function metricHeadings(query: QuerySource): readonly MetricHeading[] {
  const [auc, gauc, ...others] = METRIC_HEADINGS;
  return query === 'samples' ? [auc!, gauc!, 'QAUC', ...others] : METRIC_HEADINGS;
}

/** One row's cells, without its name: mean and deviation over the seeds. */
export function metricCells(
  seeds: readonly ScorerMetrics[],
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): string[] {
  return headings.map((heading) => meanAndDeviation(seeds.map(COLUMNS[heading])));
}
