import type { Samples } from '@sifaka/data';
import type { Metrics, SelectionMetric } from '@sifaka/trainer';
import type { MeasuredScorer } from '../tables/metrics-table.js';

/** A figure by which models are compared. */
export type TableMetric = SelectionMetric;

interface Figure {
  readonly name: string;
  readonly of: (metrics: Metrics) => number;
}

/** GAUC is weighted by samples. */
export const FIGURES: Readonly<Record<TableMetric, Figure>> = {
  auc: { name: 'AUC', of: ({ auc }) => auc },
  gauc: { name: 'GAUC by user', of: ({ gauc }) => gauc.bySamples },
  gaucByVisit: { name: 'GAUC by visit', of: ({ gauc }) => gauc.byVisit.weighted },
};

/** The figures to compare by. The first is the one that the tables are about: by visit if histories end there. */
export function tableMetrics({ historyAsOf }: Pick<Samples, 'historyAsOf'>): readonly [TableMetric, ...TableMetric[]] {
  return historyAsOf === 'visit' ? ['gaucByVisit', 'gauc', 'auc'] : ['gauc', 'auc'];
}

/** Name of the baseline with the highest figure on test; the last one if none has a figure. */
export function strongestBaseline(baselines: readonly MeasuredScorer[], metric: TableMetric): string {
  const value = ({ seeds }: MeasuredScorer) => FIGURES[metric].of(seeds[0]!.all);
  return baselines.reduce((best, each) => (value(best) > value(each) ? best : each)).name;
}
