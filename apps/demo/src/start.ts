import path from 'node:path';
import { idOnly, lemur, type Metrics } from '@sifaka/trainer';
import type { DemoRun } from './cli.js';
import { defaultSteps } from './default-steps.js';
import { baselineMetrics, runPreset } from './run-preset.js';
import { figure, formatTable } from './table.js';

/** `npm start`: ids alone, then LEMUR, and one table. @returns false if it was interrupted. */
export async function start(run: DemoRun): Promise<boolean> {
  const { arguments: given, data, engine, output, signal } = run;
  const [seed] = given.seeds as [number];
  const shared = { data, engine, batchSize: given.batchSize, resume: given.resume, signal };
  const folder = (preset: string) => path.join(output, preset);

  const ids = await runPreset({
    ...shared,
    options: idOnly({ seed }),
    steps: given.steps ?? defaultSteps('idOnly'),
    folder: folder('idOnly'),
  });
  if (ids === undefined) return false;
  const joint = await runPreset({
    ...shared,
    options: lemur({ seed }),
    steps: given.steps ?? defaultSteps('lemur'),
    folder: folder('lemur'),
  });
  if (joint === undefined) return false;

  const row = (name: string, test: Metrics, cold: Metrics) => [
    name,
    figure(test.auc),
    figure(test.gauc.bySamples),
    figure(test.logLoss),
    figure(cold.auc),
  ];
  const baselines = baselineMetrics(data);
  console.log(
    `\n${formatTable([
      ['Test', 'AUC', 'GAUC', 'log loss', 'cold-item AUC'],
      row('popularity', baselines['popularity']!.test, baselines['popularity']!.testColdItems),
      row('user + item biases', baselines['biases']!.test, baselines['biases']!.testColdItems),
      row('ids alone', ids.report.metrics.test, ids.report.metrics.testColdItems),
      row('LEMUR', joint.report.metrics.test, joint.report.metrics.testColdItems),
    ])}\n`,
  );
  const { usableGroups } = joint.report.metrics.test.gauc;
  const shown = (file: string) => path.relative(process.cwd(), path.join(folder('lemur'), file));
  console.log(
    `  GAUC by user, weighted by samples: ${usableGroups} users count. One seed on so few users: differences of a hundredth are noise.`,
  );
  console.log(
    `  Cold items: ${joint.report.metrics.testColdItems.events} test events on movies that nobody rated in train.\n`,
  );
  console.log(`Report      ${shown('report.json')}`);
  console.log(`Plot        ${shown('training.svg')}`);
  console.log(`Checkpoint  ${shown('checkpoints')}`);
  console.log('\nNext:');
  console.log('  npm run demo -- train --data DIR      your own folder: movies.csv, ratings.csv, posters/MOVIE_ID.jpg');
  console.log('  npm run demo -- compare --seed 1,2,3  several models and seeds, with paired bootstrap over users');
  console.log('  npm run demo -- --help                all options');
  return true;
}
