import { accessSync, constants, existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineHealth, EngineWorks } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { KERNELS_LIBRARY } from '../tensorflow/kernels-library.js';
import type { InstallableEngine } from './install-options.js';

/** The file name under which tfjs-node looks for its binding. */
export const BINDING = 'tfjs_binding.node';

/** The path at which a new version of file `name` is made: in the same folder, so that a rename replaces the file. */
export function stagedPath(folder: string, name: string): string {
  return path.join(folder, `.${name}.${process.pid}`);
}

/**
 * Renames the new binding, and the kernels that were built with it, to their final names, and then trains a step with
 * them. If that fails, the previous files are restored. Kernels of the previous binding are removed if there are no new
 * ones.
 *
 * @param trainAStep trains a step with the new binding; undefined to skip it.
 * @returns the result of the step; `undefined` if it was skipped.
 * @throws {@link EngineError} with the doctor's reason.
 */
export async function placeBinding(
  engine: InstallableEngine,
  folder: string,
  trainAStep: (() => Promise<EngineHealth>) | undefined,
): Promise<EngineWorks | undefined> {
  const files = [BINDING, KERNELS_LIBRARY].map((name) => ({
    target: path.join(folder, name),
    made: stagedPath(folder, name),
    before: path.join(folder, `.${name}.before`),
  }));
  for (const { target, made, before } of files) {
    rmSync(before, { force: true });
    if (existsSync(target)) linkSync(target, before);
    // Renamed, never overwritten: pnpm shares a package's files between projects.
    if (existsSync(made)) renameSync(made, target);
    else rmSync(target, { force: true });
  }
  try {
    if (trainAStep === undefined) return undefined;
    const health = await trainAStep();
    if (!health.works) throw new EngineError(engine, health.reason, health.command);
    return health;
  } catch (error) {
    for (const { target, before } of files) {
      if (existsSync(before)) renameSync(before, target);
      else rmSync(target, { force: true });
    }
    throw error;
  } finally {
    for (const { before } of files) rmSync(before, { force: true });
  }
}

/** @throws {@link EngineError} if the binding's folder is not writable. */
export function prepareBindingFolder(engine: InstallableEngine, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = `cannot write to ${folder} (${(error as NodeJS.ErrnoException).code})`;
    throw new EngineError(engine, reason, `sudo chown -R "$USER" ${folder}`);
  }
}
