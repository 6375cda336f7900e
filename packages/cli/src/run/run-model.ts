import { totalmem } from 'node:os';
import path from 'node:path';
import { removeUnfinished } from '@sifaka/encoders/node';
import {
  buildRanker,
  CheckpointError,
  evaluate,
  listCheckpoints,
  type MultimodalRanker,
  type RunState,
  TrainingStep,
  type TrainResult,
  train,
} from '@sifaka/trainer';
import { isSystemError } from '../errors/fixable-message.js';
import { UsageError } from '../errors/usage-error.js';
import { figure } from '../tables/figure.js';
import { bar, duration, ProgressLine } from '../terminal/progress-line.js';
import { readFinished, removeEarlierRun, resumeRun } from './earlier-run.js';
import type { FinishedRun } from './finished-run.js';
import { withFolderLock } from './folder-lock.js';
import type { ModelRun } from './model-run.js';
import { assertOwnFiles } from './owned-files.js';
import { writeDescription } from './run-description.js';
import { RUN_FILES } from './run-files.js';
import { runPlot, runReport } from './run-report.js';
import { validationInterval } from './training-length.js';
import { writeWhole } from './write-whole.js';

/**
 * Trains one model, measures it on test once, and writes its report and plot. The folder is locked meanwhile.
 *
 * With `resume`, a finished run of the same options and data is read back, and an unfinished one continues from its
 * newest checkpoint. Without `resume`, the run replaces its own files in the folder.
 *
 * @returns undefined if the signal ended it early; its checkpoint is then saved.
 * @throws {@link UsageError} if another run is writing to the folder, it has files that no run wrote, it holds another
 *   run than the one to resume, or it cannot be written; RangeError for invalid `steps` or `batchSize`.
 */
export async function runModel(run: ModelRun): Promise<FinishedRun | undefined> {
  const { options, folder, print, shown } = run;
  checkNumbers(run);
  return withFolderLock(folder, async () => {
    await removeUnfinished(folder);
    if (!run.resume) await assertOwnFiles(folder);
    const earlier = run.resume ? await readFinished(run) : undefined;
    if (earlier !== undefined) {
      print(`  ${options.preset}: already finished, kept (${shown(folder)})`);
      return earlier;
    }
    const model = await buildModel(run);
    const training = new TrainingStep(model);
    try {
      return await trainAndMeasure(training, run);
    } catch (error) {
      throw await explainUnwritable(error, run);
    } finally {
      training.dispose();
      model.dispose();
    }
  });
}

/** An eighth of the memory for what frozen layers of an encoder computed: 40 tokens of MiniLM take 61 KB. */
const PREFIX_SHARE = 8;

/** @throws {@link UsageError} if published encoders do not fit the options. */
async function buildModel({ data, options }: ModelRun): Promise<MultimodalRanker> {
  const { catalogue, samples, encoders, frozenPrefixes: store } = data;
  if (encoders === undefined || options.content === undefined) {
    return buildRanker(options, { catalogue, numUsers: samples.numUsers });
  }
  try {
    return buildRanker(options, {
      catalogue,
      numUsers: samples.numUsers,
      encoders: await encoders.load(),
      frozenPrefixes: { maxBytes: totalmem() / PREFIX_SHARE, ...(store && { store }) },
    });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
}

async function trainAndMeasure(training: TrainingStep, run: ModelRun): Promise<FinishedRun | undefined> {
  const started = performance.now();
  const { model } = training;
  const { data, folder } = run;
  if (!run.resume) await removeEarlierRun(folder);
  const from = run.resume ? await resumeRun(training, run) : undefined;
  await writeDescription(run);
  const trained = await trainWithProgress(training, run, from);
  if (!trained.finished) return undefined;

  const { samples, split, cold, statistics } = data;
  const validation = evaluate(model, { samples, indices: split.validation, cold, statistics });
  const test = evaluate(model, { samples, indices: split.test, cold, statistics });
  const report = runReport(run, { model, trained, validation, test, started });
  const { logits } = test;
  const files = {
    [RUN_FILES.logits]: new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength),
    [RUN_FILES.plot]: runPlot(report, data),
    [RUN_FILES.report]: `${JSON.stringify(report, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeWhole(path.join(folder, name), content);
  await writeDescription(run, files); // Last: its checksums say that the run is complete.
  return { report, testLogits: logits };
}

/** Checkpoints are named by eight digits of their step. */
const MOST_STEPS = 99_999_999;

function checkNumbers({ steps, batchSize }: ModelRun): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new RangeError(`runModel: expected steps to be a whole number from 1 to ${MOST_STEPS}, got ${steps}`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`runModel: expected batchSize to be a whole number from 1, got ${batchSize}`);
  }
}

/** Adds where the run writes, and what is kept, to an error of the operating system such as a full disk. */
async function explainUnwritable(error: unknown, { folder, shown }: ModelRun): Promise<unknown> {
  if (CheckpointError.isInstance(error) || !isSystemError(error)) return error; // A CheckpointError says so itself.
  const [newest] = await listCheckpoints(path.join(folder, RUN_FILES.checkpoints)).catch(() => []);
  const kept =
    newest === undefined
      ? 'No checkpoint was saved.'
      : `The checkpoint ${shown(newest)} is kept. Once the folder can be written, continue with --resume.`;
  const problem = `Run ${shown(folder)}: expected to write its files, got ${(error as Error).message}`;
  return new UsageError(`${problem}\n  ${kept}`, { cause: error });
}

async function trainWithProgress(
  training: TrainingStep,
  run: ModelRun,
  from: RunState | undefined,
): Promise<TrainResult> {
  const { options, steps, batchSize, selectBy, patience, folder, signal, terminal, print } = run;
  const { samples, split, cold, statistics, tokenizer, report } = run.data;
  const { preset } = options;
  const evaluateEvery = validationInterval(run);
  const checkpoints = {
    folder: path.join(folder, RUN_FILES.checkpoints),
    fingerprint: report.fingerprint,
    tokenizer,
  };
  const progress = new ProgressLine(terminal);
  const result = await train(training, {
    samples,
    split,
    cold,
    statistics,
    steps,
    batchSize,
    evaluateEvery,
    checkpointEvery: Math.max(50, evaluateEvery),
    ...(selectBy && { selectBy }),
    ...(patience !== undefined && { patience }),
    checkpoints,
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
  const { step, best } = result.state;
  if (result.finished && step < steps) {
    print(`  ${preset}: stopped at step ${step} of ${steps}: no validation was better than that of step ${best!.step}`);
  }
  return result;
}
