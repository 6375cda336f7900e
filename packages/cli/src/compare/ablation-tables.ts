import type { PairedBootstrapResult } from '@sifaka/metrics';
import type { Metrics } from '@sifaka/trainer';
import { figure, meanAndDeviation, meanOf, signed } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';
import type { ScorerMetrics } from '../tables/metrics-table.js';
import type { MeasuredRow } from './ablation-row.js';
import { differenceCells } from './bootstrap-difference.js';

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

/** The figure of the tables: GAUC by user or by visit, weighted by samples. */
export type AblationMetric = 'gauc' | 'gaucByVisit';

const FIGURES: Readonly<Record<AblationMetric, { readonly name: string; readonly of: (metrics: Metrics) => number }>> =
  {
    gauc: { name: 'GAUC by user', of: ({ gauc }) => gauc.bySamples },
    gaucByVisit: { name: 'GAUC by visit', of: ({ gauc }) => gauc.byVisit.weighted },
  };

export interface AblationTablesOptions {
  readonly metric: AblationMetric;
  readonly baseline: string;
  readonly whole: string;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly patience?: number | undefined;
}

/**
 * Texts to print in order: a caption, the table of all test events, the table of cold items. Rows on permuted contents
 * are a column, *− permuted*, which is there if they are.
 */
export function ablationTables(rows: readonly ComparedRow[], options: AblationTablesOptions): string[] {
  const { metric, baseline, whole, seeds, steps, batchSize, patience } = options;
  const { name, of } = FIGURES[metric];
  const atMost = patience === undefined ? '' : 'at most ';
  const reference = rows.find(({ row }) => row.name === baseline);
  const shown = rows.filter(({ row }) => row.control !== 'permuted');
  /** A column of differences from permuted contents, if there are any. */
  const permuted = shown.length < rows.length ? (cell: string) => [cell] : () => [];
  return [
    `\n  Test ${name}, mean ± sd over ${seeds.length} seed(s); ${atMost}${steps} ranking steps of ${batchSize}.`,
    [
      '  Differences are of means over seeds, with 95 % intervals by paired bootstrap over users.',
      ...permuted(
        '  − permuted: from the same row with every item given another item’s content, so what the contents bring.',
      ),
      '',
    ].join('\n'),
    formatTable([
      [
        'Row',
        'table',
        'GAUC',
        `− ${baseline}`,
        `− ${whole}`,
        ...permuted('− permuted'),
        'paper, %',
        'here, %',
        'step ms',
        'staleness',
      ],
      ...shown.map(({ row, metrics, runs, againstBaseline, againstWhole, againstPermuted }) => [
        row.name,
        String(row.table ?? '–'),
        meanAndDeviation(metrics.map(({ all }) => of(all))),
        differenceCell(againstBaseline),
        differenceCell(againstWhole),
        ...permuted(differenceCell(againstPermuted)),
        row.paper === null ? '–' : signed(row.paper, 2),
        gainOver(reference, metrics, of),
        runs.length === 0 ? '–' : meanOf(runs.map(({ throughput }) => throughput.stepMs['total']!)).toFixed(0),
        runs.length === 0
          ? '–'
          : figure(meanOf(runs.map(({ bank }) => bank.inspection?.staleness.mean ?? Number.NaN)), 3),
      ]),
    ]),
    '\n  The same on cold items, which have no event in train.\n',
    formatTable([
      ['Row', 'cold GAUC', `− ${baseline}`, `− ${whole}`, ...permuted('− permuted')],
      ...shown.map(({ row, metrics, cold }) => [
        row.name,
        meanAndDeviation(metrics.map((each) => of(each.cold))),
        differenceCell(cold.againstBaseline),
        differenceCell(cold.againstWhole),
        ...permuted(differenceCell(cold.againstPermuted)),
      ]),
    ]),
  ];
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
