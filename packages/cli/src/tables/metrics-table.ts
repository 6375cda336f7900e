import type { Metrics, QuerySource } from '@sifaka/trainer';
import { meanAndDeviation } from './figure.js';

/** Figures of one scorer on one part. */
export interface ScorerMetrics {
  readonly all: Metrics;
  /** On items without any event in train. */
  readonly cold: Metrics;
}

export type MetricHeading = 'AUC' | 'GAUC' | 'QAUC' | 'log loss' | 'cold-item AUC' | 'cold-item GAUC';

/** What a column shows. */
const COLUMNS: Readonly<Record<MetricHeading, (metrics: ScorerMetrics) => number>> = {
  AUC: ({ all }) => all.auc,
  GAUC: ({ all }) => all.gauc.bySamples,
  QAUC: ({ all }) => all.qauc.value,
  'log loss': ({ all }) => all.logLoss,
  'cold-item AUC': ({ cold }) => cold.auc,
  'cold-item GAUC': ({ cold }) => cold.gauc.bySamples,
};

/** The columns of a table of figures. */
export const METRIC_HEADINGS: readonly MetricHeading[] = ['AUC', 'GAUC', 'log loss', 'cold-item AUC', 'cold-item GAUC'];

/** Models that ask with the samples' queries are also held to QAUC. */
export function metricHeadings(query: QuerySource): readonly MetricHeading[] {
  const [auc, gauc, ...others] = METRIC_HEADINGS;
  return query === 'samples' ? [auc!, gauc!, 'QAUC', ...others] : METRIC_HEADINGS;
}

/** One row's cells, without its name; mean and deviation where there are several seeds. */
export function metricCells(
  seeds: readonly ScorerMetrics[],
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): string[] {
  return headings.map((heading) => meanAndDeviation(seeds.map(COLUMNS[heading])));
}
