import path from 'node:path';
import {
  ablate,
  assertFewSkipped,
  compareModels,
  type ModelRun,
  printSkippedSteps,
  RUN_FILES,
  runModel,
  trainOne,
  UsageError,
} from '@sifaka/cli';
import { lemur, type RankerOptions, type Report } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { SMALL, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
/** Overflows every loss. */
const OVERFLOWING = lemur({ ...SMALL, seed: 3, sqdc: { weight: 1e38 } }, { sqdc: { temperature: 1e-3 } });
const MESSAGE = /^Training: expected at most 10 % of the steps to be skipped, got .*, seed 3: 4 of 4\n/;

async function modelRun(options: RankerOptions): Promise<ModelRun> {
  const folder = path.join(sandbox.folder, 'run');
  return { ...sandbox.context(await smallDataset()), options, steps: 4, batchSize: 16, resume: false, folder };
}

it('trainOne prints skipped steps and its files, and then fails', async () => {
  const run = await modelRun(OVERFLOWING);
  await expect(trainOne(run)).rejects.toThrow(MESSAGE);
  const printed = sandbox.printed.join('\n');
  expect(printed).toContain('  Skipped steps: lemur, seed 3: 4 of 4, without a finite loss or gradient');
  expect(printed).toContain(RUN_FILES.report);
  await expect(trainOne({ ...run, resume: true })).rejects.toThrow(MESSAGE);
});

it('compareModels and ablate write their figures, and then fail', async () => {
  const { options, folder: output, ...context } = await modelRun(OVERFLOWING);
  const plan = () => ({ options, steps: 4 });
  const comparison = compareModels({ ...context, output, contenders: [{ name: 'broken', plan }], seeds: [3] });
  await expect(comparison).rejects.toThrow(MESSAGE);
  expect(sandbox.printed.at(-1)).toBe('\nFigures     run/comparison.json');
  const row = { name: 'broken', table: null, paper: null, options: () => options };
  const ablation = ablate({ ...context, output, rows: [row], baseline: 'broken', whole: 'broken', seeds: [3] });
  await expect(ablation).rejects.toThrow(MESSAGE);
  expect(sandbox.printed.at(-1)).toBe('\nFigures     run/ablation.json');
});

it('allows a tenth of the steps to be skipped', async () => {
  const { report } = (await runModel(await modelRun(lemur({ ...SMALL, seed: 3 }))))!;
  const skipping = (skippedSteps: number): Report => ({
    ...report,
    training: { ...report.training, steps: 20, skippedSteps },
  });
  assertFewSkipped([skipping(0), skipping(2)]);
  expect(() => assertFewSkipped([skipping(2), skipping(3)])).toThrow(UsageError);
  expect(() => assertFewSkipped([skipping(2), skipping(3)])).toThrow(/got lemur, seed 3: 3 of 20\n/);
  printSkippedSteps([skipping(0), skipping(2)], (text) => sandbox.printed.push(text));
  expect(sandbox.printed.at(-1)).toBe('  Skipped steps: lemur, seed 3: 2 of 20, without a finite loss or gradient');
  expect(sandbox.printed.filter((text) => text.includes('Skipped'))).toHaveLength(1);
});
