import path from 'node:path';
import type { DemoRun } from './cli.js';
import { defaultSteps } from './default-steps.js';
import { presetOptions } from './preset-options.js';
import { runPreset } from './run-preset.js';
import { figure, formatTable } from './table.js';

/** `npm run demo -- train`: one preset on one folder. @returns false if it was interrupted. */
export async function trainOne(run: DemoRun): Promise<boolean> {
  const { arguments: given, data, engine, output, signal } = run;
  const [preset] = given.presets as [DemoRun['arguments']['presets'][number]];
  const [seed] = given.seeds as [number];
  const finished = await runPreset({
    data,
    engine,
    options: presetOptions(preset, seed),
    steps: given.steps ?? defaultSteps(preset),
    batchSize: given.batchSize,
    folder: output,
    resume: given.resume,
    signal,
  });
  if (finished === undefined) return false;
  const { metrics, baselines } = finished.report;
  const rows = [
    ...Object.entries(baselines),
    [preset, { test: metrics.test, testColdItems: metrics.testColdItems }] as const,
  ].map(([name, { test, testColdItems }]) => [
    name,
    figure(test.auc),
    figure(test.gauc.bySamples),
    figure(test.logLoss),
    figure(testColdItems.auc),
  ]);
  console.log(`\n${formatTable([['Test', 'AUC', 'GAUC', 'log loss', 'cold-item AUC'], ...rows])}\n`);
  console.log(`Report      ${path.join(output, 'report.json')}`);
  console.log(`Plot        ${path.join(output, 'training.svg')}`);
  console.log(`Checkpoint  ${path.join(output, 'checkpoints')}`);
  return true;
}
