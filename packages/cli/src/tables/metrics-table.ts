import type { Samples } from '@sifaka/data';
import type { Metrics, QuerySource } from '@sifaka/trainer';
import { meanAndDeviation } from './figure.js';
import { formatTable } from './format-table.js';

/** One scorer's figures on one part of the data. */
export interface ScorerMetrics {
  readonly all: Metrics;
  /** On items without an event in train. */
  readonly cold: Metrics;
}

/** A model or a baseline: figures of each seed. */
export interface MeasuredScorer {
  readonly name: string;
  readonly seeds: readonly ScorerMetrics[];
}

export type MetricHeading =
  | 'AUC'
  | 'GAUC'
  | 'by visit'
  | 'QAUC'
  | 'log loss'
  | 'cold AUC'
  | 'cold GAUC'
  | 'cold by visit';

/** The figure of each column. */
const COLUMNS: Readonly<Record<MetricHeading, (metrics: ScorerMetrics) => number>> = {
  AUC: ({ all }) => all.auc,
  GAUC: ({ all }) => all.gauc.bySamples,
  'by visit': ({ all }) => all.gauc.byVisit.weighted,
  QAUC: ({ all }) => all.qauc.value,
  'log loss': ({ all }) => all.logLoss,
  'cold AUC': ({ cold }) => cold.auc,
  'cold GAUC': ({ cold }) => cold.gauc.bySamples,
  'cold by visit': ({ cold }) => cold.gauc.byVisit.weighted,
};

/** The columns of a table of figures, without QAUC and visits. */
export const METRIC_HEADINGS: readonly MetricHeading[] = ['AUC', 'GAUC', 'log loss', 'cold AUC', 'cold GAUC'];

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
    return heading === 'cold GAUC' ? [heading, 'cold by visit'] : [heading];
  });
}

/** One row's cells, without its name: mean and deviation over the seeds. */
export function metricCells(
  seeds: readonly ScorerMetrics[],
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): string[] {
  return headings.map((heading) => meanAndDeviation(seeds.map(COLUMNS[heading])));
}

/**
 * Texts to print in order: a table of the scorers on test, a second one for cold items if there are several seeds, and
 * what the columns mean.
 *
 * @param scorers at least one, of the same test events
 */
export function metricsTables(
  scorers: readonly MeasuredScorer[],
  headings: readonly MetricHeading[] = METRIC_HEADINGS,
): string[] {
  const several = scorers.some(({ seeds }) => seeds.length > 1);
  const isCold = (heading: MetricHeading) => heading.startsWith('cold');
  // Cells of several seeds are wide.
  const parts = several ? [headings.filter((heading) => !isCold(heading)), headings.filter(isCold)] : [headings];
  const title = several ? 'Test, mean ± sd over seeds' : 'Test';
  const tables = parts
    .filter((part) => part.length > 0)
    .map((part) => [[title, ...part], ...scorers.map(({ name, seeds }) => [name, ...metricCells(seeds, part)])]);
  const hasDash = tables.flat(2).some((cell) => cell.startsWith('–'));
  const lines = [...notes(scorers[0]!.seeds[0]!, headings), ...(hasDash ? [DASH_EXPLAINED] : [])];
  return [...tables.map((table) => `\n${formatTable(table)}`), `\n${lines.join('\n')}\n`];
}

/** For below a table of figures that has a dash. */
export const DASH_EXPLAINED =
  '  –: no figure. It needs liked and disliked events; GAUC needs both of one user or visit.';

/** What the columns mean. The numbers of users, visits and events are the same for all scorers. */
function notes({ all, cold }: ScorerMetrics, headings: readonly MetricHeading[]): string[] {
  const { usableGroups, byVisit } = all.gauc;
  const has = (heading: MetricHeading) => headings.includes(heading);
  return [
    ...(has('GAUC')
      ? [`  GAUC: AUC within each user, weighted by events, over the ${usableGroups} users with both labels.`]
      : []),
    ...(has('by visit')
      ? [`  By visit: AUC within each visit, weighted by events, over ${byVisit.usableVisits} visits with both labels.`]
      : []),
    ...(has('QAUC')
      ? [`  QAUC: AUC within each query, over the ${all.qauc.usableGroups} queries with both labels.`]
      : []),
    ...(has('cold AUC')
      ? [`  Cold: the ${cold.events} of ${all.events} test events whose item has no event in train.`]
      : []),
    ...(has('log loss') ? ['  Log loss: lower is better. All others: higher is better, and 0.5 is chance.'] : []),
  ];
}
