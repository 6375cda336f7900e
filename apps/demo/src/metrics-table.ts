import type { Metrics } from '@sifaka/trainer';
import { figure } from './table.js';

/** Figures of one scorer on one part. */
export interface ScorerMetrics {
  readonly all: Metrics;
  /** On items without any event in train. */
  readonly cold: Metrics;
}

/** The columns of every table of figures: heading and what it shows. */
const COLUMNS: readonly (readonly [heading: string, of: (metrics: ScorerMetrics) => number])[] = [
  ['AUC', ({ all }) => all.auc],
  ['GAUC', ({ all }) => all.gauc.bySamples],
  ['log loss', ({ all }) => all.logLoss],
  ['cold-item AUC', ({ cold }) => cold.auc],
  ['cold-item GAUC', ({ cold }) => cold.gauc.bySamples],
];

export const METRIC_HEADINGS: readonly string[] = COLUMNS.map(([heading]) => heading);

/** One row's cells, without its name; mean and deviation where there are several seeds. */
export function metricCells(seeds: readonly ScorerMetrics[]): string[] {
  return COLUMNS.map(([, of]) => meanAndDeviation(seeds.map(of)));
}

function meanAndDeviation(values: readonly number[]): string {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  if (values.length === 1) return figure(mean);
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return `${figure(mean)} ± ${figure(Math.sqrt(variance))}`;
}
