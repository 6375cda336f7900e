import { metricHeadings, trainOne } from '@sifaka/cli';
import type { Preset } from './arguments.js';
import type { DemoRun } from './demo-run.js';
import { planPreset } from './plan-preset.js';

/** `npm run demo -- train`: one preset on one folder. @returns false if it was interrupted. */
export async function train(run: DemoRun): Promise<boolean> {
  const { batchSize, presets, query, resume, seeds, steps } = run.arguments;
  const [preset] = presets as [Preset];
  const [seed] = seeds as [number];
  const planned = planPreset(preset, { seed, steps, query });
  return trainOne({ ...run, ...planned, batchSize, folder: run.output, resume }, metricHeadings(query));
}
