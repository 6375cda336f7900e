import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  CheckpointError,
  listCheckpoints,
  loadCheckpoint,
  type Report,
  type RunState,
  type TrainingStep,
} from '@sifaka/trainer';
import { UsageError } from '../errors/usage-error.js';
import type { FinishedRun } from './finished-run.js';
import type { ModelRun } from './model-run.js';
import { RUN_FILES } from './run-files.js';

/** Removes a run's files and nothing else: the folder may also hold the user's own files. */
export async function removeEarlierRun(folder: string): Promise<void> {
  const { checkpoints, report, plot, logits } = RUN_FILES;
  for (const checkpoint of await listCheckpoints(path.join(folder, checkpoints)))
    await rm(checkpoint, { recursive: true });
  for (const name of [report, plot, logits]) await rm(path.join(folder, name), { force: true });
}

/** @returns undefined if the folder holds no finished run of the same data, options and steps. */
export async function readFinished({
  folder,
  options,
  steps,
  batchSize,
  data,
}: ModelRun): Promise<FinishedRun | undefined> {
  const report = await readReport(path.join(folder, RUN_FILES.report));
  const bytes = await readFile(path.join(folder, RUN_FILES.logits)).catch(() => undefined);
  if (report === undefined || bytes?.length !== 4 * data.split.test.length) return undefined;
  const same =
    isDeepStrictEqual(report.options, JSON.parse(JSON.stringify(options))) &&
    report.training.steps === steps &&
    report.training.batchSize === batchSize &&
    report.data?.fingerprint === data.report.fingerprint;
  return same ? { report, testLogits: new Float32Array(Uint8Array.from(bytes).buffer) } : undefined;
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch {
    return undefined; // Missing or damaged. The checkpoint has everything to write it again.
  }
}

/**
 * Loads the newest checkpoint of a run into the model.
 *
 * @returns the run's state; undefined if it has no checkpoint yet.
 * @throws {@link UsageError} if the checkpoint is damaged, belongs to another run, or is past `steps`. The message says
 *   what to do.
 */
export async function resumeRun(
  training: TrainingStep,
  { folder, steps, data, print, shown }: ModelRun,
): Promise<RunState | undefined> {
  const [newest, older] = await listCheckpoints(path.join(folder, RUN_FILES.checkpoints));
  if (newest === undefined) return undefined;
  const state = await loadCheckpoint(training, newest, data.report).catch((error: unknown) => {
    if (!CheckpointError.isInstance(error)) throw error;
    const damaged = error.path !== newest || !existsSync(path.join(newest, 'state.json'));
    const hints = [
      ...(damaged && older !== undefined ? [`To continue from the one before it, ${older}, delete ${newest}.`] : []),
      'Without --resume, the run starts from the beginning and replaces these files.',
    ];
    throw new UsageError([error.message, ...hints].join('\n  '), { cause: error });
  });
  if (state.step > steps) {
    throw new UsageError(`--steps: expected at least ${state.step}, the step of ${newest}, got ${steps}`);
  }
  print(`  ${training.model.options.preset}: resumed at step ${state.step} from ${shown(newest)}`);
  return state;
}
