import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  CheckpointError,
  listCheckpoints,
  loadCheckpoint,
  REPORT_SCHEMA,
  type Report,
  type RunState,
  type TrainingStep,
} from '@sifaka/trainer';
import { UsageError } from '../errors/usage-error.js';
import type { FinishedRun } from './finished-run.js';
import type { ModelRun } from './model-run.js';
import { assertSameRun, changedFiles, readDescription, STARTS_OVER } from './run-description.js';
import { RUN_FILES } from './run-files.js';

/**
 * Removes a run's files and nothing else: the folder may also hold the user's own files. Its `run.json` stays until the
 * new run replaces it. Call `assertOwnFiles` before.
 */
export async function removeEarlierRun(folder: string): Promise<void> {
  const { checkpoints, report, plot, logits } = RUN_FILES;
  for (const name of [report, plot, logits]) await rm(path.join(folder, name), { force: true });
  for (const checkpoint of await listCheckpoints(path.join(folder, checkpoints)))
    await rm(checkpoint, { recursive: true });
}

/**
 * Reads back a finished run that `--resume` keeps.
 *
 * @returns undefined if the run is not finished, has another number of steps or patience, its report has another
 *   schema, or its files are damaged. Its checkpoint then has everything to measure it again.
 * @throws {@link UsageError} if the folder holds a run of other options, data or batch size, or one without a readable
 *   description.
 */
export async function readFinished(run: ModelRun): Promise<FinishedRun | undefined> {
  const { folder, steps, patience = null, data, options, print, shown } = run;
  const description = await readDescription(folder);
  if (!description) {
    if (description === null || (await hasRun(folder))) {
      const problem = description === null ? 'one that cannot be read' : 'none';
      const file = path.join(folder, RUN_FILES.description);
      throw new UsageError(`--resume: expected the run's description ${file}, got ${problem}\n  ${STARTS_OVER}`);
    }
    return undefined;
  }
  assertSameRun(description, run);
  if (description.files === null || description.steps !== steps) return undefined;
  if ((description.patience ?? null) !== patience) return undefined;
  const { report, plot, logits } = RUN_FILES;
  const present = Object.fromEntries(
    await Promise.all(
      [report, plot, logits].map(
        async (name) => [name, await readFile(path.join(folder, name)).catch(() => undefined)] as const,
      ),
    ),
  );
  const changed = changedFiles(description, present);
  if (changed.length > 0) {
    const files = changed.map((name) => shown(path.join(folder, name))).join(', ');
    print(`  ${options.preset}: missing or damaged: ${files}; measuring the run again from its checkpoint`);
    return undefined;
  }
  const testLogits = new Float32Array(Uint8Array.from(present[logits]!).buffer);
  if (testLogits.length !== data.split.test.length) return undefined;
  const saved = JSON.parse(present[report]!.toString('utf8')) as Report;
  if (saved.schema !== REPORT_SCHEMA) {
    const older = `${shown(path.join(folder, report))} has schema ${saved.schema}, not ${REPORT_SCHEMA}`;
    print(`  ${options.preset}: ${older}; measuring the run again from its checkpoint`);
    return undefined;
  }
  return { report: { ...saved, metrics: withNaN(saved.metrics), baselines: withNaN(saved.baselines) }, testLogits };
}

/** Restores the NaN of undefined figures, which JSON writes as null. */
function withNaN<Figures>(figures: Figures): Figures {
  if (figures === null) return Number.NaN as Figures;
  if (typeof figures !== 'object') return figures;
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, withNaN(value)])) as Figures;
}

async function hasRun(folder: string): Promise<boolean> {
  const [checkpoint] = await listCheckpoints(path.join(folder, RUN_FILES.checkpoints));
  return checkpoint !== undefined || existsSync(path.join(folder, RUN_FILES.report));
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
      STARTS_OVER,
    ];
    throw new UsageError([error.message, ...hints].join('\n  '), { cause: error });
  });
  if (state.step > steps) {
    throw new UsageError(`--steps: expected at least ${state.step}, the step of ${newest}, got ${steps}`);
  }
  print(`  ${training.model.options.preset}: resumed at step ${state.step} from ${shown(newest)}`);
  return state;
}
