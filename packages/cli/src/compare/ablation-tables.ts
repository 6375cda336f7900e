import type { Metrics, Report } from '@sifaka/trainer';
import { figure, meanOf, signed } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';
import { type MetricHeading, metricCells, type ScorerMetrics } from '../tables/metrics-table.js';
import type { ComparedRow, MeasuredRow, RowDifferences } from './ablation-row.js';
import { differenceCell } from './bootstrap-difference.js';
import { explainControls } from './controls.js';
import { FIGURES, type TableMetric } from './table-metric.js';

export interface AblationTablesOptions {
  readonly metric: TableMetric;
  /** Name of the baseline that the tables of differences show. */
  readonly strongest: string;
  readonly baseline: string;
  readonly whole: string;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly patience?: number | undefined;
  /** Figures of the first table. Default: the metric, of all events and of those of cold items. */
  readonly headings?: readonly MetricHeading[];
  /**
   * What the first table has beside the rows: all baselines, or the strongest one and the rows on permuted contents.
   * Default `'baselines'`.
   */
  readonly beside?: 'baselines' | 'controls';
}

/** The columns of the metric that a table is about. */
const HEADINGS: Readonly<Record<TableMetric, readonly MetricHeading[]>> = {
  auc: ['AUC', 'cold AUC'],
  gauc: ['GAUC', 'cold GAUC'],
  gaucByVisit: ['by visit', 'cold by visit'],
};

/**
 * Texts to print in order: a table of figures, one of costs, what their columns mean, and tables of the differences
 * between rows, on all test events and on those of cold items. The tables of differences have a column *− permuted* if
 * there are rows on permuted contents. Of the baselines they have the strongest one. The paper's columns are there if a
 * row is in a paper.
 */
export function ablationTables(rows: readonly ComparedRow[], options: AblationTablesOptions): string[] {
  const {
    metric,
    baseline,
    whole,
    strongest,
    seeds,
    steps,
    batchSize,
    patience,
    headings = HEADINGS[metric],
    beside = 'baselines',
  } = options;
  const { name, of } = FIGURES[metric];
  const shown = rows.filter(({ row }) => row.control !== 'permuted');
  const isTrainedOrStrongest = ({ row, runs }: ComparedRow) => runs.length > 0 || row.name === strongest;
  const compared = shown.filter(isTrainedOrStrongest);
  const hasPermuted = shown.length < rows.length;
  const hasPaper = rows.some(({ row }) => row.table !== null);
  const reference = rows.find(({ row }) => row.name === baseline);
  const figures = [
    ['Row', ...(hasPaper ? ['table'] : []), ...headings, ...(hasPaper ? ['paper %', 'here %'] : [])],
    ...(beside === 'baselines' ? shown : rows.filter(isTrainedOrStrongest)).map(({ row, metrics }) => [
      ...[row.name, ...(hasPaper ? [String(row.table ?? '–')] : [])],
      ...metricCells(metrics, headings),
      ...(hasPaper ? [row.paper === null ? '–' : signed(row.paper, 2), gainOver(reference, metrics, of)] : []),
    ]),
  ];
  const costs = [
    ['Row', 'ms', 'MiB', 'trained', 'stale'],
    ...shown.filter(({ runs }) => runs.length > 0).map(({ row, runs }) => [row.name, ...costCells(runs)]),
  ];
  const differences = (title: string, differencesOf: (row: ComparedRow) => RowDifferences) => [
    [title, `− ${baseline}`, `− ${whole}`, ...(hasPermuted ? ['− permuted'] : [])],
    ...compared.map((row) => {
      const { againstBaseline, againstWhole, againstPermuted } = differencesOf(row);
      const results = [againstBaseline, againstWhole, ...(hasPermuted ? [againstPermuted] : [])];
      return [row.row.name, ...results.map(differenceCell)];
    }),
  ];
  const over = seeds.length === 1 ? 'one seed' : `mean ± sd over ${seeds.length} seeds`;
  const atMost = patience === undefined ? '' : 'at most ';
  const notes = [
    ...(hasPaper
      ? [`  table, paper %: the paper’s table with this row, and its gain over ${baseline}. here %: the same here.`]
      : []),
    '  GAUC, by visit: AUC within each user or visit. cold: of events whose item has no event in train.',
    '  ms: of a ranking step. MiB: the most tensor data alive in one. trained: weights that it trains.',
    '  stale: mean cosine of stored and fresh vectors; 1 is not stale. –: the row has no such figure.',
  ];
  return [
    `\n  Test ${name}, ${over}; ${atMost}${steps} ranking steps of ${batchSize}.\n`,
    formatTable(figures),
    `\n${formatTable(costs)}`,
    `\n${notes.join('\n')}`,
    '\n  Differences of means over seeds, with 95 % intervals by paired bootstrap over users (1,000 resamples).',
    `  The strongest baseline is ${strongest}.`,
    ...(hasPermuted ? [explainControls(rows.map(({ row }) => row.control))] : []),
    `\n${formatTable(differences(name, (row) => row))}`,
    `\n${formatTable(differences(`${name}, cold items`, ({ cold }) => cold))}`,
  ];
}

/** Time, memory and weights of a ranking step, and staleness: means over seeds. */
function costCells(runs: readonly Report[]): string[] {
  const mean = (of: (report: Report) => number | null | undefined) => meanOf(runs.map((run) => of(run) ?? Number.NaN));
  return [
    figure(
      mean(({ cost, throughput }) => (cost === undefined ? throughput.stepMs['total'] : cost?.stepMs)),
      0,
    ),
    figure(
      mean(({ cost }) => cost?.peakTensorMiB),
      0,
    ),
    thousands(mean(({ cost }) => cost?.trainedParameters)),
    figure(
      mean(({ bank }) => bank.inspection?.staleness.mean),
      3,
    ),
  ];
}

/** `1,234,567` */
function thousands(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en-US');
}

/** Gain over the baseline in per cent of its GAUC, as the paper counts. */
function gainOver(
  baseline: MeasuredRow | undefined,
  metrics: readonly ScorerMetrics[],
  of: (metrics: Metrics) => number,
): string {
  if (baseline === undefined) return '–';
  const gauc = (each: readonly ScorerMetrics[]) => meanOf(each.map(({ all }) => of(all)));
  return signed(100 * (gauc(metrics) / gauc(baseline.metrics) - 1), 2);
}
