import type { PairedBootstrapResult } from '@sifaka/metrics';
import { meanAndDeviation } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';
import type { ScorerMetrics } from '../tables/metrics-table.js';
import type { ComparedRow } from './ablation-row.js';
import { differenceCell } from './bootstrap-difference.js';
import { FIGURES, type TableMetric } from './table-metric.js';

/** What a method gains on one ranking model. Null: a row was not run, or there is no such figure. */
export interface ModelSummary {
  readonly name: string;
  /** Test figures of the baseline row, by seed. */
  readonly baseline: readonly ScorerMetrics[] | null;
  /** Test figures of the whole method, by seed. */
  readonly whole: readonly ScorerMetrics[] | null;
  /** The whole method − the baseline row. */
  readonly gain: PairedBootstrapResult | null;
  /** The whole method − the same on permuted contents: what the contents bring. */
  readonly content: PairedBootstrapResult | null;
  /** The same differences on cold items. */
  readonly cold: Pick<ModelSummary, 'gain' | 'content'>;
}

/** Names of the rows that a summary compares. */
export interface SummarisedRows {
  readonly baseline: string;
  readonly whole: string;
}

export function modelSummaries(
  models: readonly { readonly name: string; readonly rows: readonly ComparedRow[] }[],
  { baseline, whole }: SummarisedRows,
): ModelSummary[] {
  return models.map(({ name, rows }) => {
    const named = (row: string) => rows.find((each) => each.row.name === row);
    const of = named(whole);
    return {
      name,
      baseline: named(baseline)?.metrics ?? null,
      whole: of?.metrics ?? null,
      gain: of?.againstBaseline ?? null,
      content: of?.againstPermuted ?? null,
      cold: { gain: of?.cold.againstBaseline ?? null, content: of?.cold.againstPermuted ?? null },
    };
  });
}

/** Texts to print in order: what the whole method gains on each ranking model, on all test events and on cold items. */
export function modelsTables(
  summaries: readonly ModelSummary[],
  { metric, baseline, whole }: SummarisedRows & { readonly metric: TableMetric },
): string[] {
  const { name, of } = FIGURES[metric];
  const table = (title: string, part: keyof ScorerMetrics) => {
    const figures = (seeds: ModelSummary['whole']) =>
      seeds === null ? '–' : meanAndDeviation(seeds.map((metrics) => of(metrics[part])));
    return formatTable([
      [title, baseline, whole, `${whole} − ${baseline}`, `${whole} − permuted`],
      ...summaries.map((summary) => {
        const { gain, content } = part === 'all' ? summary : summary.cold;
        return [
          ...[summary.name, figures(summary.baseline), figures(summary.whole)],
          ...[differenceCell(gain), differenceCell(content)],
        ];
      }),
    ]);
  };
  return [
    `\n  All ranking models: test ${name}, and differences of means over seeds with 95 % intervals.`,
    `\n${table(name, 'all')}`,
    `\n${table(`${name}, cold`, 'cold')}`,
  ];
}
