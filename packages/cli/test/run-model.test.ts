import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Dataset,
  type FinishedRun,
  type ModelRun,
  RUN_FILES,
  runModel,
  stepsOfEpochs,
  trainOne,
  withFirstStage,
} from '@sifaka/cli';
import { buildRanker, idOnly, lemur, measure, type Report, twoStage } from '@sifaka/trainer';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { SMALL, SMALL_BASELINES, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
let data: Dataset;
beforeAll(async () => {
  data = await smallDataset();
});

function run(changes: Partial<ModelRun> = {}): Promise<FinishedRun | undefined> {
  const folder = path.join(sandbox.folder, 'run');
  return runModel({ ...modelRun(), folder, ...changes });
}

function modelRun(): Omit<ModelRun, 'folder'> {
  return { ...sandbox.context(data), options: idOnly({ ...SMALL, seed: 1 }), steps: 5, batchSize: 16, resume: false };
}

/** Everything but times and costs, which differ between any two runs or are of one process. */
function findings(finished: FinishedRun | undefined): object {
  const { throughput: _, wallSeconds: __, cost: ___, ...report } = finished!.report;
  return { report: JSON.parse(JSON.stringify(report)), logits: finished!.testLogits };
}

it('stepsOfEpochs gives whole batches, and about four validations an epoch', () => {
  const part = (length: number) => ({ split: { ...data.split, train: new Int32Array(length) } });
  expect(stepsOfEpochs(3, part(1000), 10)).toEqual({ steps: 300, evaluateEvery: 25 });
  expect(stepsOfEpochs(2, part(1009), 10)).toEqual({ steps: 200, evaluateEvery: 25 });
  expect(stepsOfEpochs(2, part(30), 10)).toEqual({ steps: 6, evaluateEvery: 1 });
});

describe('runModel', () => {
  it('writes report, plot, logits and a checkpoint, and shows progress', async () => {
    const finished = await run({ options: lemur({ ...SMALL, seed: 7 }) });
    const folder = path.join(sandbox.folder, 'run');
    expect((await readdir(folder)).sort()).toEqual(Object.values(RUN_FILES).sort());
    const report = JSON.parse(await readFile(path.join(folder, RUN_FILES.report), 'utf8')) as Report;
    expect(report).toEqual(JSON.parse(JSON.stringify(finished!.report)));
    expect(report).toMatchObject({ preset: 'lemur', seed: 7, engine: { name: 'an engine' }, data: data.report });
    expect(report.training).toMatchObject({ steps: 5, batchSize: 16, skippedSteps: 0 });
    expect(Object.keys(report.baselines)).toEqual(SMALL_BASELINES);
    expect(finished!.testLogits).toHaveLength(data.split.test.length);
    expect(sandbox.progress.join('')).toMatch(/lemur step 5: validation AUC 0\.\d{4} · GAUC /);
  });

  it('measures the weights of the best validation on the validation and test parts', async () => {
    const { samples, split, cold } = data;
    const { report, testLogits } = (await run({ steps: 12 }))!;
    const { all, cold: onColdItems } = measure(testLogits, { samples, indices: split.test, cold });
    expect(report.metrics.test).toEqual(all);
    expect(report.metrics.testColdItems).toEqual(onColdItems);
    const { bestStep, validations } = report.training;
    const best = validations.find(({ step }) => step === bestStep)!;
    expect(report.metrics.validation.auc).toBe(best.auc);
    expect(best.auc).toBe(Math.max(...validations.map(({ auc }) => auc)));
  });

  it('stops when patience ends it, says so, and reports by which figure the weights were chosen', async () => {
    const stopping = { steps: 40, evaluateEvery: 1, patience: 2, selectBy: 'gauc' } as const;
    const finished = (await run(stopping))!;
    const { training } = finished.report;
    expect(training).toMatchObject({ steps: 40, selectBy: 'gauc', patience: 2, lastStep: training.bestStep + 2 });
    expect(training.lastStep).toBeLessThan(40);
    expect(training.validations).toHaveLength(training.lastStep);
    const gaucs = training.validations.map(({ gauc }) => gauc);
    expect(training.bestStep).toBe(1 + gaucs.indexOf(Math.max(...gaucs)));
    const { lastStep, bestStep } = training;
    expect(sandbox.printed).toEqual([
      `  idOnly: stopped at step ${lastStep} of 40: no validation was better than that of step ${bestStep}`,
    ]);
    // Continued, it is kept; with more patience it goes on; by another figure or validated elsewhere it is refused.
    expect(findings(await run({ ...stopping, resume: true }))).toEqual(findings(finished));
    const more = (await run({ ...stopping, patience: 3, resume: true }))!;
    expect(more.report.training.validations.slice(0, lastStep)).toEqual(training.validations);
    expect(more.report.training.lastStep).toBeGreaterThan(lastStep);
    await expect(run({ ...stopping, selectBy: 'auc', resume: true })).rejects.toThrow(
      /^--select-by: expected gauc, that of the run in .*, got auc/,
    );
    await expect(run({ ...stopping, evaluateEvery: 2, resume: true })).rejects.toThrow(
      /^--resume: expected a validation every 1 steps, as of the run in .*, got every 2/,
    );
  });

  it('chooses weights by GAUC by visit', async () => {
    const byVisit = await smallDataset({ historyAsOf: 'visit' });
    const stopping = { steps: 12, evaluateEvery: 1, selectBy: 'gaucByVisit' } as const;
    const { metrics, training } = (await run({ ...sandbox.context(byVisit), ...stopping }))!.report;
    const figures = training.validations.map(({ gaucByVisit }) => gaucByVisit);
    expect(training.bestStep).toBe(1 + figures.indexOf(Math.max(...figures)));
    expect(metrics.validation.gauc.byVisit.weighted).toBe(Math.max(...figures));
  });

  it('counts the weights of a model, those of its tables included', async () => {
    const options = idOnly({ ...SMALL, seed: 1 });
    const model = buildRanker(options, { catalogue: data.catalogue, numUsers: data.samples.numUsers });
    const dense = [...model.parameters.values()].reduce((total, { size }) => total + size, 0);
    model.dispose();
    const { samples } = data;
    // One more row each for an unknown user and item.
    const rows = model.tables.users.values.length + model.tables.items.values.length;
    expect(rows).toBeGreaterThanOrEqual((samples.numUsers + samples.numItems) * options.idDim);
    expect((await run())!.report.training.parameters).toBe(dense + rows);
  });

  it('saves a checkpoint at least every 50 steps, or 5 times in a longer run', async () => {
    await run({ steps: 60 });
    const checkpoints = await readdir(path.join(sandbox.folder, 'run', RUN_FILES.checkpoints));
    expect(checkpoints.sort()).toEqual(['step-00000050', 'step-00000060']);
  });

  it('after an interruption, resumes to the figures of a run that never stopped', async () => {
    const whole = await run({ folder: path.join(sandbox.folder, 'whole') });
    sandbox.interruptAt = /step 2: validation/;
    expect(await run()).toBeUndefined();
    sandbox.interruptAt = undefined;
    const resumed = await run({ resume: true });
    expect(sandbox.printed).toEqual(['  idOnly: resumed at step 2 from run/checkpoints/step-00000002']);
    expect(findings(resumed)).toEqual(findings(whole));
  });

  it('with resume, keeps a finished run of the same options and data', async () => {
    const first = await run();
    const kept = await run({ resume: true });
    expect(sandbox.printed).toEqual(['  idOnly: already finished, kept (run)']);
    expect(findings(kept)).toEqual(findings(first));
    expect(kept!.report.wallSeconds).toBe(first!.report.wallSeconds);

    expect(kept!.report.metrics).toEqual(first!.report.metrics); // Undefined figures are NaN again, and dashes in tables.
    expect(kept!.report.baselines).toEqual(first!.report.baselines);

    const longer = await run({ resume: true, steps: 6 });
    expect(longer!.report.training.steps).toBe(6);
    await expect(run({ resume: true, options: idOnly({ ...SMALL, seed: 2 }) })).rejects.toThrow(
      /expected the options of this run, .*seed: 1 there, 2 here/,
    );
  });

  it('refuses a checkpoint that is further than it should go', async () => {
    await run();
    await expect(run({ resume: true, steps: 3 })).rejects.toThrow(
      /^--steps: expected at least 5, the step of .*step-00000005, got 3$/,
    );
  });

  it('names a damaged checkpoint and says what to do', async () => {
    await run();
    const folder = path.join(sandbox.folder, 'run');
    await rm(path.join(folder, RUN_FILES.report));
    await truncate(path.join(folder, RUN_FILES.checkpoints, 'step-00000005', 'model.safetensors'), 100);
    await expect(run({ resume: true })).rejects.toThrow(
      /^Checkpoint .*damaged\n(.*\n)?.*Without --resume, the run starts/,
    );
  });

  it('without resume, replaces its own files and nothing else', async () => {
    const folder = path.join(sandbox.folder, 'run');
    await run();
    await mkdir(path.join(folder, RUN_FILES.checkpoints, 'of-another-program'));
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    const again = await run({ steps: 2 });
    expect(again!.report.training.steps).toBe(2);
    expect(await readFile(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    expect((await readdir(path.join(folder, RUN_FILES.checkpoints))).sort()).toEqual([
      'of-another-program',
      'step-00000002',
    ]);
  });
});

it('trainOne prints the model next to the baselines, and the paths of its files', async () => {
  expect(await trainOne({ ...modelRun(), folder: path.join(sandbox.folder, 'run') })).toBe(true);
  const [table, notes, ...files] = sandbox.printed;
  const names = table!
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0]);
  expect(names).toEqual(['Test', expect.stringMatching(/^─+$/), ...SMALL_BASELINES, 'idOnly']);
  expect(notes).toContain('Cold: the ');
  expect(files).toEqual(['Report      run/report.json', 'Plot        run/training.svg', 'Checkpoint  run/checkpoints']);
  sandbox.interruptAt = /step 2: validation/;
  expect(await trainOne({ ...modelRun(), folder: path.join(sandbox.folder, 'run') })).toBe(false);
});

it('withFirstStage puts at most 40 % of the ranking steps before them', () => {
  const options = twoStage({ ...SMALL, seed: 1 });
  expect(options.pretrainSteps).toBe(300);
  expect(withFirstStage(options, 1000)).toEqual({ options, steps: 1300 });
  expect(withFirstStage(options, 5)).toEqual({ options: { ...options, pretrainSteps: 2 }, steps: 7 });
  expect(withFirstStage(idOnly({ seed: 1 }), 5).steps).toBe(5);
});
