import { compareModels, metricHeadings, type PlanContext } from '@sifaka/cli';
import type { DemoRun } from './demo-run.js';
import { planPreset } from './plan-preset.js';
import { trainingLength } from './training-length.js';

/** `npm run demo -- compare`: several presets and seeds. @returns false if it was interrupted. */
export async function compare(run: DemoRun): Promise<boolean> {
  const { batchSize, controls, encoders, presets, query, resume, sampling, seeds } = run.arguments;
  const { steps, ...stopping } = trainingLength(run);
  const contenders = presets.map((preset) => ({
    name: preset,
    plan: ({ seed, data }: PlanContext) => planPreset(preset, { seed, data, steps, query, sampling, encoders }),
  }));
  return compareModels({
    ...run,
    ...stopping,
    contenders,
    seeds,
    batchSize,
    controls,
    resume,
    headings: metricHeadings(query),
  });
}
