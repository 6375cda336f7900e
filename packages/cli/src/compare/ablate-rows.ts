import { printSkippedSteps } from '../run/skipped-steps.js';
import { writeWhole } from '../run/write-whole.js';
import type { MetricHeading } from '../tables/metrics-table.js';
import type { ComparedRow } from './ablation-row.js';
import { type AblationTablesOptions, ablationTables } from './ablation-tables.js';
import { compareRows } from './compare-rows.js';
import { strongestBaseline, tableMetrics } from './table-metric.js';
import { baselineRows, type TrainRowsOptions, trainRows } from './train-rows.js';

export interface AblateRowsOptions extends TrainRowsOptions {
  /** Name of the row that gains are measured from. */
  readonly baseline: string;
  /** Name of the row with every part. */
  readonly whole: string;
  /** Figures of the first table. Default: the GAUC that differences are of. */
  readonly headings?: readonly MetricHeading[];
  /** What that table has beside the rows; see {@link AblationTablesOptions}. Default `'baselines'`. */
  readonly beside?: NonNullable<AblationTablesOptions['beside']>;
}

/**
 * Trains rows, prints their tables, and writes the figures of rows and baselines to a file.
 *
 * @returns the rows with their differences, baselines first; undefined if it was interrupted.
 */
export async function ablateRows(file: string, options: AblateRowsOptions): Promise<ComparedRow[] | undefined> {
  const { data, steps, print, shown } = options;
  const trained = await trainRows(options);
  if (trained === undefined) return undefined;
  const baselines = baselineRows(data);
  const [metric] = tableMetrics(data.samples);
  const compared = compareRows([...baselines, ...trained], { ...options, metric });
  const strongest = strongestBaseline(
    baselines.map(({ row: { name }, metrics }) => ({ name, seeds: metrics })),
    metric,
  );
  for (const text of ablationTables(compared, { ...options, metric, strongest })) print(text);
  const rows = compared.map(({ row, metrics, runs, againstBaseline, againstWhole, againstPermuted, cold }) => ({
    ...row,
    metrics,
    againstBaseline,
    againstWhole,
    againstPermuted,
    cold,
    runs: runs.map(({ seed, throughput, cost, bank }) => ({ seed, throughput, cost, bank })),
  }));
  await writeWhole(file, `${JSON.stringify({ schema: 2, data: data.report, steps, metric, rows }, null, 2)}\n`);
  const reports = trained.flatMap(({ runs }) => runs);
  printSkippedSteps(reports, print);
  print(`\nFigures     ${shown(file)}`);
  return compared;
}
