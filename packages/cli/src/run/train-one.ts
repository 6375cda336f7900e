import { headingsFor, METRIC_HEADINGS, type MetricHeading, metricsTables } from '../tables/metrics-table.js';
import type { ModelRun } from './model-run.js';
import { printRunFiles } from './run-files.js';
import { runModel } from './run-model.js';
import { assertFewSkipped, printSkippedSteps } from './skipped-steps.js';

/**
 * Trains one model and prints its figures next to the baselines.
 *
 * @param chosen columns of the table, to which data by visit add theirs. Default: all but QAUC.
 * @returns false if it was interrupted.
 * @throws {@link UsageError} at the end if it skipped too many steps; otherwise see `runModel`.
 */
export async function trainOne(run: ModelRun, chosen: readonly MetricHeading[] = METRIC_HEADINGS): Promise<boolean> {
  const headings = headingsFor(run.data.samples, chosen);
  const finished = await runModel(run);
  if (finished === undefined) return false;
  const { metrics, baselines } = finished.report;
  const scorers = [
    ...Object.entries(baselines).map(([name, all]) => ({ name, seeds: [{ all, cold: all.coldItems }] })),
    { name: run.options.preset, seeds: [{ all: metrics.test, cold: metrics.testColdItems }] },
  ];
  for (const text of metricsTables(scorers, headings)) run.print(text);
  printSkippedSteps([finished.report], run.print);
  printRunFiles(run.folder, run);
  assertFewSkipped([finished.report]);
  return true;
}
