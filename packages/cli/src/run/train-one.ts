import { formatTable } from '../tables/format-table.js';
import { METRIC_HEADINGS, type MetricHeading, metricCells } from '../tables/metrics-table.js';
import type { ModelRun } from './model-run.js';
import { printRunFiles } from './run-files.js';
import { runModel } from './run-model.js';

/** Trains one model and prints its figures next to the baselines. @returns false if it was interrupted. */
export async function trainOne(run: ModelRun, headings: readonly MetricHeading[] = METRIC_HEADINGS): Promise<boolean> {
  const finished = await runModel(run);
  if (finished === undefined) return false;
  const { metrics, baselines } = finished.report;
  const rows = [
    ...Object.entries(baselines).map(([name, all]) => [name, ...metricCells([{ all, cold: all.coldItems }], headings)]),
    [run.options.preset, ...metricCells([{ all: metrics.test, cold: metrics.testColdItems }], headings)],
  ];
  run.print(`\n${formatTable([['Test', ...headings], ...rows])}\n`);
  printRunFiles(run.folder, run);
  return true;
}
