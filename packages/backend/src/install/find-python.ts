import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';
import { runCommand } from './run-command.js';
import { systemCommand } from './system-command.js';

/** A Python that has pip. */
export interface PythonWithPip {
  readonly command: string;
  /** For printing: `pip 24.0 of python3`. */
  readonly description: string;
}

const ON_THE_PATH = ['python3', 'python'];

/**
 * The first Python that has pip, of those that the user names. If none is named: of `python3` and `python` on the path.
 * The version does not matter, because nothing in the wheel is run.
 *
 * @returns `undefined` if none is named and there is no Python.
 * @throws {@link EngineError} if no Python has pip. It names one that the user named and that does not exist, or those
 *   that lack pip.
 */
export async function findPython(
  engine: InstallableEngine,
  named: readonly string[],
): Promise<PythonWithPip | undefined> {
  const withoutPip: string[] = [];
  for (const command of named.length > 0 ? named : ON_THE_PATH) {
    const { code, stdout } = await runCommand(command, ['-m', 'pip', '--version']);
    const version = /^pip (\S+)/.exec(stdout)?.[1];
    if (code === 0 && version !== undefined) return { command, description: `pip ${version} of ${command}` };
    if (code !== undefined) withoutPip.push(command);
  }
  const missing = named.find((command) => !withoutPip.includes(command));
  if (missing !== undefined) throw new EngineError(engine, `there is no Python ${missing}`, systemCommand('python'));
  if (withoutPip.length === 0) return undefined;
  throw new EngineError(engine, `${withoutPip.join(' and ')} has no pip`, systemCommand('python'));
}
