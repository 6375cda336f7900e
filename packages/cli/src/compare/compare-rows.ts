import type { PairedBootstrapResult } from '@sifaka/metrics';
import type { Dataset } from '../dataset/dataset.js';
import type { ComparedRow, MeasuredRow } from './ablation-row.js';
import { type BootstrapDifferenceOptions, bootstrapDifference } from './bootstrap-difference.js';
import { controlName } from './controls.js';
import type { TableMetric } from './table-metric.js';

export interface CompareRowsOptions {
  readonly data: Dataset;
  readonly metric: TableMetric;
  /** Name of the row that gains are measured from. */
  readonly baseline: string;
  /** Name of the row with every part. */
  readonly whole: string;
}

/** Each row's differences from the baseline row, the whole model and its own control: of all events, and cold ones. */
export function compareRows(
  rows: readonly MeasuredRow[],
  { data, metric, baseline, whole }: CompareRowsOptions,
): ComparedRow[] {
  const isCold = (sample: number) => data.cold[data.samples.items[sample]!] === 1;
  const differences = (row: MeasuredRow, isIn?: (sample: number) => boolean) => {
    const from = (name: string) => differenceFrom(name, row, rows, data, { metric, ...(isIn && { isIn }) });
    return {
      againstBaseline: from(baseline),
      againstWhole: from(whole),
      againstPermuted: from(controlName(row.row.name, 'permuted')),
    };
  };
  return rows.map((row) => ({ ...row, ...differences(row), cold: differences(row, isCold) }));
}

/** @returns null if the row is the named one, the named one was not run, or the samples have no GAUC. */
function differenceFrom(
  name: string,
  { row, logits }: MeasuredRow,
  all: readonly MeasuredRow[],
  data: Dataset,
  options: BootstrapDifferenceOptions,
): PairedBootstrapResult | null {
  const other = all.find((each) => each.row.name === name);
  if (other === undefined || row.name === name) return null;
  return bootstrapDifference(logits, other.logits, data, options);
}
