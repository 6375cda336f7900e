import path from 'node:path';
import {
  assertFewSkipped,
  type FinishedRun,
  headingsFor,
  type ModelRun,
  metricsTables,
  printRunFiles,
  printSkippedSteps,
  runModel,
  withFolderLock,
} from '@sifaka/cli';
import type { BaselineMetrics } from '@sifaka/trainer';
import type { Preset } from './arguments.js';
import type { DemoRun } from './demo-run.js';
import { planPreset } from './plan-preset.js';

/** `npm start`: ids alone, then LEMUR, and one table. @returns false if it was interrupted. */
export async function start(run: DemoRun): Promise<boolean> {
  return withFolderLock(run.output, () => trainBoth(run));
}

async function trainBoth(run: DemoRun): Promise<boolean> {
  const { arguments: given, output, print } = run;
  const [seed] = given.seeds as [number];
  const folder = (preset: Preset) => path.join(output, preset);
  const runOne = (preset: Preset, moreBaselines?: ModelRun['moreBaselines']): Promise<FinishedRun | undefined> => {
    const { batchSize, resume } = given;
    return runModel({
      ...run,
      ...planPreset(preset, { seed, data: run.data, steps: given.steps }),
      batchSize,
      resume,
      folder: folder(preset),
      ...(moreBaselines && { moreBaselines }),
    });
  };

  const ids = await runOne('idOnly');
  if (ids === undefined) return false;
  const idOnly: BaselineMetrics = { ...ids.report.metrics.test, coldItems: ids.report.metrics.testColdItems };
  const joint = await runOne('lemur', { idOnly });
  if (joint === undefined) return false;

  const scorers = [
    ...Object.entries(ids.report.baselines).map(([name, all]) => ({ name, seeds: [{ all, cold: all.coldItems }] })),
    ...Object.entries({ 'ids alone': ids, LEMUR: joint }).map(([name, { report }]) => {
      return { name, seeds: [{ all: report.metrics.test, cold: report.metrics.testColdItems }] };
    }),
  ];
  for (const text of metricsTables(scorers, headingsFor(run.data.samples))) print(text);
  print('  With one seed and this few users, differences of a hundredth are noise.\n');
  const reports = [ids.report, joint.report];
  printSkippedSteps(reports, print);
  printRunFiles(folder('lemur'), run);
  assertFewSkipped(reports);
  print('\nNext:');
  print(
    '  npm run demo -- train --data DIR      train on your own folder: movies.csv, ratings.csv, posters/MOVIE_ID.jpg',
  );
  print('  npm run demo -- compare --seed 1,2,3  several models and seeds, with paired bootstrap over users');
  print('  npm run demo -- --help                all options');
  return true;
}
