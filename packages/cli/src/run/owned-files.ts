import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listCheckpoints } from '@sifaka/trainer';
import { UsageError } from '../errors/usage-error.js';
import { readDescription } from './run-description.js';
import { RUN_FILES } from './run-files.js';

/**
 * Checks that a run may write to a folder: its names must be free or used by an earlier run. `run.json` says so, and
 * for runs of older versions their `report.json`.
 *
 * @throws {@link UsageError} naming the first file that no run wrote.
 */
export async function assertOwnFiles(folder: string): Promise<void> {
  const description = await readDescription(folder);
  if (description === null) throw foreign(path.join(folder, RUN_FILES.description));
  const owned = description !== undefined || (await isFigures(path.join(folder, RUN_FILES.report)));
  for (const name of [RUN_FILES.report, RUN_FILES.plot, RUN_FILES.logits]) {
    if (!owned && existsSync(path.join(folder, name))) throw foreign(path.join(folder, name));
  }
  for (const checkpoint of await listCheckpoints(path.join(folder, RUN_FILES.checkpoints))) {
    const state = await readText(path.join(checkpoint, 'state.json'));
    // A checkpoint stays the run's own if it is damaged, so a known folder needs no more than the file.
    if (state === undefined || (!owned && !/^\{\s*"schema":/.test(state))) throw foreign(checkpoint);
  }
}

/**
 * Checks that a file of figures may be written: `comparison.json`, `ablation.json` or `models.json`.
 *
 * @throws {@link UsageError} if there is one that no run wrote.
 */
export async function assertOwnFigures(file: string): Promise<void> {
  if (existsSync(file) && !(await isFigures(file))) throw foreign(file);
}

/** Whether a file is a `report.json` or a command's file of figures: each names the data's fingerprint. */
async function isFigures(file: string): Promise<boolean> {
  try {
    const read = JSON.parse((await readText(file)) ?? 'null') as FiguresFile | null;
    return typeof read?.schema === 'number' && typeof read.data?.fingerprint === 'string';
  } catch {
    return false;
  }
}

interface FiguresFile {
  readonly schema?: unknown;
  readonly data?: { readonly fingerprint?: unknown };
}

/** @returns undefined if the file cannot be read. */
async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function foreign(file: string): UsageError {
  return new UsageError(
    `Output folder ${path.dirname(file)}: expected files of an earlier run or none, got ${file}, which no run wrote\n` +
      '  Choose another folder, or move the file away.',
  );
}
