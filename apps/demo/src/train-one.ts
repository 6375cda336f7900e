import path from 'node:path';
import type { DemoRun } from './demo-run.js';
import { RUN_FILES } from './earlier-run.js';
import { metricCells, metricHeadings } from './metrics-table.js';
import { planRun } from './plan-run.js';
import { runPreset } from './run-preset.js';
import { formatTable } from './table.js';

/** `npm run demo -- train`: one preset on one folder. @returns false if it was interrupted. */
export async function trainOne(run: DemoRun): Promise<boolean> {
  const { arguments: given, output, print, shown } = run;
  const [preset] = given.presets as [DemoRun['arguments']['presets'][number]];
  const [seed] = given.seeds as [number];
  const finished = await runPreset({
    ...run,
    ...planRun(preset, { seed, steps: given.steps, query: given.query }),
    batchSize: given.batchSize,
    folder: output,
    resume: given.resume,
  });
  if (finished === undefined) return false;
  const { metrics, baselines } = finished.report;
  const headings = metricHeadings(given.query);
  const rows = [
    ...Object.entries(baselines).map(([name, all]) => [name, ...metricCells([{ all, cold: all.coldItems }], headings)]),
    [preset, ...metricCells([{ all: metrics.test, cold: metrics.testColdItems }], headings)],
  ];
  print(`\n${formatTable([['Test', ...headings], ...rows])}\n`);
  print(`Report      ${shown(path.join(output, RUN_FILES.report))}`);
  print(`Plot        ${shown(path.join(output, RUN_FILES.plot))}`);
  print(`Checkpoint  ${shown(path.join(output, RUN_FILES.checkpoints))}`);
  return true;
}
