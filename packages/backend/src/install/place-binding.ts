import { accessSync, constants, existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineHealth, EngineWorks } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { KERNELS_LIBRARY } from '../tensorflow/kernels-library.js';
import type { InstallableEngine } from './install-options.js';

/** The binding's file, as tfjs-node looks for it. */
export const BINDING = 'tfjs_binding.node';

/** Where a file that is to take the place of `name` is made: in the same folder, so that a rename is all it takes. */
export function asideIn(folder: string, name: string): string {
  return path.join(folder, `.${name}.${process.pid}`);
}

/**
 * Renames the new binding and what was built with it to their places and has them proved; where that fails, those that were there before
 * come back. A file that was not made anew is taken away: it belongs to another binding.
 *
 * @param prove Trains a step with the binding in its place.
 * @returns what the step showed, `undefined` where nothing is to be proved.
 * @throws {@link EngineError} with the doctor's reason.
 */
export async function placeBinding(
  engine: InstallableEngine,
  folder: string,
  prove: (() => Promise<EngineHealth>) | undefined,
): Promise<EngineWorks | undefined> {
  const files = [BINDING, KERNELS_LIBRARY].map((name) => ({
    place: path.join(folder, name),
    made: asideIn(folder, name),
    before: path.join(folder, `.${name}.before`),
  }));
  for (const { place, made, before } of files) {
    rmSync(before, { force: true });
    if (existsSync(place)) linkSync(place, before);
    if (existsSync(made))
      renameSync(made, place); // Never written over: pnpm shares a package's files between projects.
    else rmSync(place, { force: true });
  }
  try {
    if (prove === undefined) return undefined;
    const health = await prove();
    if (!health.works) throw new EngineError(engine, health.reason, health.command);
    return health;
  } catch (error) {
    for (const { place, before } of files) {
      if (existsSync(before)) renameSync(before, place);
      else rmSync(place, { force: true });
    }
    throw error;
  } finally {
    for (const { before } of files) rmSync(before, { force: true });
  }
}

/** @throws {@link EngineError} where the binding's folder cannot be written to. */
export function prepareBindingFolder(engine: InstallableEngine, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = `cannot write to ${folder} (${(error as NodeJS.ErrnoException).code})`;
    throw new EngineError(engine, reason, `sudo chown -R "$USER" ${folder}`);
  }
}
