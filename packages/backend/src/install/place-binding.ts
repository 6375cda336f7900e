import { accessSync, constants, existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineHealth, EngineWorks } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';

const BINDING = 'tfjs_binding.node';

/** The path of the binding in its folder. */
export function bindingIn(folder: string): string {
  return path.join(folder, BINDING);
}

/**
 * Renames a new binding to its place and has it proved; where that fails, the binding that was there before comes back.
 *
 * @param prove Trains a step with the binding in its place.
 * @returns what the step showed, `undefined` where nothing is to be proved.
 * @throws {@link EngineError} with the doctor's reason.
 */
export async function placeBinding(
  engine: InstallableEngine,
  made: string,
  folder: string,
  prove: (() => Promise<EngineHealth>) | undefined,
): Promise<EngineWorks | undefined> {
  const place = bindingIn(folder);
  const before = path.join(folder, `.${BINDING}.before`);
  rmSync(before, { force: true });
  if (existsSync(place)) linkSync(place, before);
  renameSync(made, place); // Never written over: pnpm shares a package's files between projects.
  try {
    if (prove === undefined) return undefined;
    const health = await prove();
    if (!health.works) throw new EngineError(engine, health.reason, health.command);
    return health;
  } catch (error) {
    if (existsSync(before)) renameSync(before, place);
    else rmSync(place, { force: true });
    throw error;
  } finally {
    rmSync(before, { force: true });
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
