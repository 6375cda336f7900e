import type { PairedBootstrapResult } from '@sifaka/metrics';
import type { RankerOptions, Report } from '@sifaka/trainer';
import type { PlanContext } from '../run/planned-run.js';
import type { ScorerMetrics } from '../tables/metrics-table.js';
import type { ComparedModel } from './controls.js';

/** One variant of a model, trained once per seed. */
export interface AblationRow extends ComparedModel {
  /** The paper's table that has this row; null: not in the paper. */
  readonly table: number | null;
  /** The paper's gain over the baseline in per cent; null if it reports none. */
  readonly paper: number | null;
  readonly options: (context: PlanContext) => RankerOptions;
}

/** A row with its results: one run per seed, or a baseline's single set of scores. */
export interface MeasuredRow {
  readonly row: Pick<AblationRow, 'name' | 'paper' | 'table' | 'control'>;
  readonly logits: readonly Float32Array[];
  readonly metrics: readonly ScorerMetrics[];
  readonly runs: readonly Report[];
}

/** Differences of the mean test figure from three other rows; null if undefined. */
export interface RowDifferences {
  readonly againstBaseline: PairedBootstrapResult | null;
  readonly againstWhole: PairedBootstrapResult | null;
  /** From the same row on permuted contents. */
  readonly againstPermuted: PairedBootstrapResult | null;
}

/** A measured row and its differences from three other rows, on all test events and on cold items. */
export interface ComparedRow extends MeasuredRow, RowDifferences {
  readonly cold: RowDifferences;
}
