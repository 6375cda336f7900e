import { metricHeadings, trainOne } from '@sifaka/cli';
import type { Preset } from './arguments.js';
import type { DemoRun } from './demo-run.js';
import { planPreset } from './plan-preset.js';
import { trainingLength } from './training-length.js';

/** `npm run demo -- train`: one preset on one folder. @returns false if it was interrupted. */
export async function train(run: DemoRun): Promise<boolean> {
  const { batchSize, encoders, presets, query, resume, sampling, seeds } = run.arguments;
  const [preset] = presets as [Preset];
  const [seed] = seeds as [number];
  const { steps, ...stopping } = trainingLength(run);
  const planned = planPreset(preset, { seed, data: run.data, steps, query, sampling, encoders });
  return trainOne({ ...run, ...planned, ...stopping, batchSize, folder: run.output, resume }, metricHeadings(query));
}
