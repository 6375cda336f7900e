import { ablate as ablateRows } from '@sifaka/cli';
import { ABLATION_ROWS, BASELINE, WHOLE } from './ablation-rows.js';
import type { DemoRun } from './demo-run.js';
import { trainingLength } from './training-length.js';

/** Ranking steps of every row. */
export const DEFAULT_STEPS = 1500;

/** `npm run demo -- ablate`: the rows of LEMUR's Tables 2–6. @returns false if it was interrupted. */
export async function ablate(run: DemoRun): Promise<boolean> {
  const { batchSize, controls, resume, rows: names, seeds } = run.arguments;
  const { steps = DEFAULT_STEPS, ...stopping } = trainingLength(run);
  const rows = names === undefined ? ABLATION_ROWS : ABLATION_ROWS.filter(({ name }) => names.includes(name));
  return ablateRows({
    ...run,
    ...stopping,
    rows,
    baseline: BASELINE,
    whole: WHOLE,
    seeds,
    steps,
    batchSize,
    controls,
    resume,
  });
}
