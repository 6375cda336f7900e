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
  withControl,
  withFolderLock,
} from '@sifaka/cli';
import type { BaselineMetrics } from '@sifaka/trainer';
import type { Preset } from './arguments.js';
import type { DemoRun } from './demo-run.js';
import { planPreset } from './plan-preset.js';

/** Name and folder of LEMUR on permuted contents. */
const PERMUTED = 'lemur-permuted';

/** `npm start`: ids alone, LEMUR, LEMUR on permuted contents, and one table. @returns false if it was interrupted. */
export async function start(run: DemoRun): Promise<boolean> {
  return withFolderLock(run.output, () => trainAll(run));
}

async function trainAll(run: DemoRun): Promise<boolean> {
  const { arguments: given, output, print } = run;
  const [seed] = given.seeds as [number];
  const folder = (name: string) => path.join(output, name);
  const runOne = (
    preset: Preset,
    { name = preset, data = run.data, ...more }: Partial<Pick<ModelRun, 'data' | 'moreBaselines'>> & { name?: string },
  ): Promise<FinishedRun | undefined> => {
    const { options, ...planned } = planPreset(preset, { seed, data, steps: given.steps });
    const { batchSize, resume } = given;
    const model = { ...planned, options: { ...options, preset: name }, data, batchSize, resume, folder: folder(name) };
    return runModel({ ...run, ...model, ...more });
  };

  const ids = await runOne('idOnly', {});
  if (ids === undefined) return false;
  const idOnly: BaselineMetrics = { ...ids.report.metrics.test, coldItems: ids.report.metrics.testColdItems };
  const joint = await runOne('lemur', { moreBaselines: { idOnly } });
  if (joint === undefined) return false;
  const permuted = await runOne('lemur', { name: PERMUTED, data: withControl(run.data, 'permuted', seed) });
  if (permuted === undefined) return false;

  const scorers = [
    ...Object.entries(ids.report.baselines).map(([name, all]) => ({ name, seeds: [{ all, cold: all.coldItems }] })),
    ...Object.entries({ 'ids alone': ids, LEMUR: joint, 'LEMUR, permuted contents': permuted }).map(
      ([name, { report }]) => {
        return { name, seeds: [{ all: report.metrics.test, cold: report.metrics.testColdItems }] };
      },
    ),
  ];
  for (const text of metricsTables(scorers, headingsFor(run.data.samples))) print(text);
  print('  Permuted contents: the same model, every movie with another one’s poster, text and genres.');
  print('  LEMUR − permuted is what the contents bring.');
  print('  With one seed and this few users, differences of a hundredth are noise.');
  print('  EM3 is not in the table, to keep the run short. A table with EM3 and LEMUR:');
  print('  npm run demo -- compare --preset idOnly,em3,lemur --seed 1\n');
  const reports = [ids.report, joint.report, permuted.report];
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
