import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  buildRanker,
  evaluate,
  type RunState,
  TrainingStep,
  type TrainResult,
  train,
  writeReport,
} from '@sifaka/trainer';
import { figure } from '../tables/figure.js';
import { bar, duration, ProgressLine } from '../terminal/progress-line.js';
import { readFinished, removeEarlierRun, resumeRun } from './earlier-run.js';
import type { FinishedRun } from './finished-run.js';
import type { ModelRun } from './model-run.js';
import { RUN_FILES } from './run-files.js';
import { runPlot, runReport } from './run-report.js';

/**
 * Trains one model, measures it on test once, and writes its report and plot.
 *
 * With `resume`, a finished run of the same options and data is read back, and an unfinished one continues from its
 * newest checkpoint. Without `resume`, the run replaces its own files in the folder.
 *
 * @returns undefined if the signal ended it early; its checkpoint is then saved.
 */
export async function runModel(run: ModelRun): Promise<FinishedRun | undefined> {
  const started = performance.now();
  const { data, options, folder, print, shown } = run;
  const earlier = run.resume ? await readFinished(run) : undefined;
  if (earlier !== undefined) {
    print(`  ${options.preset}: already finished, kept (${shown(folder)})`);
    return earlier;
  }
  if (!run.resume) await removeEarlierRun(folder);
  await mkdir(folder, { recursive: true });

  const model = buildRanker(options, { catalogue: data.catalogue, numUsers: data.samples.numUsers });
  const training = new TrainingStep(model);
  try {
    const from = run.resume ? await resumeRun(training, run) : undefined;
    const trained = await trainWithProgress(training, run, from);
    if (!trained.finished) return undefined;

    const { samples, split, cold } = data;
    const validation = evaluate(model, { samples, indices: split.validation, cold });
    const test = evaluate(model, { samples, indices: split.test, cold });
    const report = runReport(run, { model, trained, validation, test, started });
    await writeFile(path.join(folder, RUN_FILES.logits), Buffer.from(test.logits.buffer));
    await writeFile(path.join(folder, RUN_FILES.plot), runPlot(report, data));
    await writeReport(folder, report); // Last: its presence says that the run is complete.
    return { report, testLogits: test.logits };
  } finally {
    training.dispose();
    model.dispose();
  }
}

async function trainWithProgress(
  training: TrainingStep,
  { data: { samples, split, cold, report }, options: { preset }, steps, batchSize, folder, signal, terminal }: ModelRun,
  from: RunState | undefined,
): Promise<TrainResult> {
  const progress = new ProgressLine(terminal);
  const result = await train(training, {
    samples,
    split,
    cold,
    steps,
    batchSize,
    evaluateEvery: Math.max(1, Math.ceil(steps / 5)),
    checkpointEvery: Math.max(50, Math.ceil(steps / 5)),
    checkpoints: { folder: path.join(folder, RUN_FILES.checkpoints), fingerprint: report.fingerprint },
    signal,
    ...(from === undefined ? {} : { from }),
    onStep: ({ step, samplesPerSecond, secondsLeft, result: { loss } }) => {
      progress.update(
        `${preset} ${bar(step, steps)} step ${step}/${steps} · loss ${figure(loss)} · ` +
          `${Math.round(samplesPerSecond)} samples/s · ${duration(secondsLeft)} left`,
      );
    },
    onValidation: ({ step, auc, gauc, coldAuc }) => {
      const figures = `AUC ${figure(auc)} · GAUC ${figure(gauc)} · cold items ${figure(coldAuc)}`;
      progress.done(`${preset} step ${String(step).padStart(String(steps).length)}: validation ${figures}`);
    },
  });
  progress.done();
  return result;
}
