import type { Metrics } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from '../run/baseline-scores.js';
import { figure } from '../tables/figure.js';
import { formatTable } from '../tables/format-table.js';
import { DASH_EXPLAINED } from '../tables/metrics-table.js';

/**
 * Prints the figures of every baseline on the test part: AUC, GAUC by user, and GAUC by visit, weighted by samples and
 * as a plain mean; then the GAUCs of the events of cold items.
 *
 * @param print takes a text for a line or more
 */
export function printBaselines(data: Dataset, print: (text: string) => void): void {
  const rows = Object.entries(baselineScores(data)).map(([name, { test }]) => ({ name, test }));
  const cells = ({ gauc: { bySamples, byVisit } }: Metrics) =>
    [bySamples, byVisit.weighted, byVisit.mean].map((value) => figure(value));
  const table = [
    ['Test', 'AUC', 'GAUC by user', 'by visit', 'mean', 'cold by user', 'by visit', 'mean'],
    ...rows.map(({ name, test }) => [name, figure(test.auc), ...cells(test), ...cells(test.coldItems)]),
  ];
  print(`${formatTable(table)}\n`);
  print('  By user, by visit: AUC within each user or visit, weighted by events; mean: each visit counts alike.');
  const visits = ({ gauc }: Metrics) => gauc.byVisit.usableVisits;
  const [{ test }] = rows as [(typeof rows)[number]];
  print(`  Visits with both labels: ${visits(test)}, of events of cold items ${visits(test.coldItems)}.`);
  if (table.flat().includes('–')) print(DASH_EXPLAINED);
}
