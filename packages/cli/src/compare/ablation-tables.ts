import type { PairedBootstrapResult } from '@sifaka/metrics';
import type { Metrics, Report } from '@sifaka/trainer';
import { figure, meanAndDeviation, meanOf, signed } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';
import type { ScorerMetrics } from '../tables/metrics-table.js';
import type { MeasuredRow } from './ablation-row.js';
import { differenceCells } from './bootstrap-difference.js';
import { CONTROLS_EXPLAINED } from './controls.js';
import { FIGURES, type TableMetric } from './table-metric.js';

/** Differences of the mean test figure from three other rows; null if undefined. */
interface Differences {
  readonly againstBaseline: PairedBootstrapResult | null;
  readonly againstWhole: PairedBootstrapResult | null;
  /** From the same row on permuted contents. */
  readonly againstPermuted: PairedBootstrapResult | null;
}

/** A measured row and its differences from three other rows, on all test events and on cold items. */
export interface ComparedRow extends MeasuredRow, Differences {
  readonly cold: Differences;
}

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
}

/**
 * Texts to print in order: a table of figures and costs of all rows, what its columns mean, and tables of the
 * differences between rows, of all test events and of those of cold items. Rows on permuted contents are a column of
 * these, *− permuted*, which is there if they are. Of the baselines these tables have the strongest one.
 */
export function ablationTables(rows: readonly ComparedRow[], options: AblationTablesOptions): string[] {
  const { metric, baseline, whole, strongest, seeds, steps, batchSize, patience } = options;
  const { name, of } = FIGURES[metric];
  const reference = rows.find(({ row }) => row.name === baseline);
  const shown = rows.filter(({ row }) => row.control !== 'permuted');
  const hasPermuted = shown.length < rows.length;
  const figures = [
    ['Row', 'table', 'GAUC', 'cold GAUC', 'paper %', 'here %', 'ms', 'stale'],
    ...shown.map(({ row, metrics, runs }) => [
      ...[row.name, String(row.table ?? '–')],
      ...[meanAndDeviation(metrics.map(({ all }) => of(all))), meanAndDeviation(metrics.map(({ cold }) => of(cold)))],
      ...[row.paper === null ? '–' : signed(row.paper, 2), gainOver(reference, metrics, of)],
      ...[stepTime(runs), staleness(runs)],
    ]),
  ];
  const compared = shown.filter(({ row, runs }) => runs.length > 0 || row.name === strongest);
  const differences = (title: string, differencesOf: (row: ComparedRow) => Differences) => [
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
    `  table, paper %: the paper’s table with this row, and its gain over ${baseline}. here %: the same here.`,
    '  cold GAUC: of events whose item has no event in train. ms: of a training step, in milliseconds.',
    '  stale: mean cosine of stored and fresh vectors; 1 is not stale. –: the row has no such figure.',
  ];
  return [
    `\n  Test ${name}, ${over}; ${atMost}${steps} ranking steps of ${batchSize}.\n`,
    formatTable(figures),
    `\n${notes.join('\n')}`,
    '\n  Differences of means over seeds, with 95 % intervals by paired bootstrap over users (1,000 resamples).',
    `  The strongest baseline is ${strongest}.`,
    ...(hasPermuted ? [CONTROLS_EXPLAINED] : []),
    `\n${formatTable(differences(name, (row) => row))}`,
    `\n${formatTable(differences(`${name}, cold items`, ({ cold }) => cold))}`,
  ];
}

/** Mean milliseconds of a step. */
function stepTime(runs: readonly Report[]): string {
  return runs.length === 0 ? '–' : meanOf(runs.map(({ throughput }) => throughput.stepMs['total']!)).toFixed(0);
}

function staleness(runs: readonly Report[]): string {
  if (runs.length === 0) return '–';
  return figure(meanOf(runs.map(({ bank }) => bank.inspection?.staleness.mean ?? Number.NaN)), 3);
}

function differenceCell(result: PairedBootstrapResult | null): string {
  return result === null ? '–' : differenceCells(result).join(' ');
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
