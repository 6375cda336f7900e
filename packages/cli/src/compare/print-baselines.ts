import { gauc } from '@sifaka/metrics';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import { figure } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';

/** GAUC of some test events; NaN if there are none. */
interface GroupedFigures {
  readonly byUser: number;
  readonly byVisit: number;
  readonly byVisitMean: number;
  /** Number of visits with both classes. */
  readonly visits: number;
}

/**
 * Prints the figures of every baseline on the test part: AUC, GAUC by user, and GAUC by visit, weighted by samples and
 * as a plain mean; then the GAUCs of the events of cold items.
 *
 * @param print takes a text for a line or more
 */
export function printBaselines(data: Dataset, print: (text: string) => void): void {
  const test = [...data.split.test.keys()];
  const isCold = (position: number) => data.cold[data.samples.items[data.split.test[position]!]!] === 1;
  const rows = Object.entries(baselineScores(data)).map(
    ([
      name,
      {
        testLogits,
        test: { auc },
      },
    ]) => ({
      name,
      auc,
      all: groupedFigures(testLogits, test, data),
      cold: groupedFigures(testLogits, test.filter(isCold), data),
    }),
  );
  const cells = ({ byUser, byVisit, byVisitMean }: GroupedFigures) =>
    [byUser, byVisit, byVisitMean].map((value) => figure(value));
  const groups = ['by user', 'by visit', 'mean'];
  const table = [
    ['Test', 'AUC', ...groups, 'cold by user', ...groups.slice(1)],
    ...rows.map(({ name, auc, all, cold }) => [name, figure(auc), ...cells(all), ...cells(cold)]),
  ];
  print(`${formatTable(table)}\n`);
  const [first] = rows;
  print(`  Visits with both classes: ${first?.all.visits}, of events of cold items ${first?.cold.visits}.`);
}

/** @param positions of the events in the test part */
function groupedFigures(
  logits: Float32Array,
  positions: readonly number[],
  { samples, split }: Dataset,
): GroupedFigures {
  if (positions.length === 0) return { byUser: Number.NaN, byVisit: Number.NaN, byVisitMean: Number.NaN, visits: 0 };
  const at = (values: ArrayLike<number>) => positions.map((position) => values[split.test[position]!]!);
  const scores = positions.map((position) => logits[position]!);
  const [labels, visits] = [at(samples.labels), at(samples.sessions)];
  const { value: byVisit, usableGroups } = gauc(scores, labels, visits);
  return {
    byUser: gauc(scores, labels, at(samples.users)).value,
    byVisit,
    byVisitMean: gauc(scores, labels, visits, { variant: 'mean' }).value,
    visits: usableGroups,
  };
}
