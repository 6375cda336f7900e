import { ablateModels } from '@sifaka/cli';
import { DEFAULT_STEPS } from './ablate.js';
import type { DemoRun } from './demo-run.js';
import { sampled } from './plan-preset.js';
import { EM3, IDS_ALONE, RANKING_MODELS, rankingRows } from './ranking-models.js';
import { trainingLength } from './training-length.js';

/** `npm run demo -- em3`: EM3 and its parts on each of several ranking models. @returns false if it was interrupted. */
export async function em3(run: DemoRun): Promise<boolean> {
  const { batchSize, controls, encoders, models: names, resume, rows, sampling, seeds } = run.arguments;
  const common = { ...sampled(sampling), content: { ...encoders } };
  const { steps = DEFAULT_STEPS, ...stopping } = trainingLength(run);
  const models = names === undefined ? RANKING_MODELS : RANKING_MODELS.filter(({ name }) => names.includes(name));
  return ablateModels({
    ...run,
    ...stopping,
    models: models.map((model) => ({ name: model.name, rows: rankingRows(model, rows, common) })),
    baseline: IDS_ALONE,
    whole: EM3,
    seeds,
    steps,
    batchSize,
    controls,
    resume,
  });
}
