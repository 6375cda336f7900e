import { fileURLToPath } from 'node:url';
import type { EngineHealth } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';

/** The doctor, as a program of its own; beside this file in `src` and in `dist`. */
const PROGRAM = fileURLToPath(new URL(`../cli${import.meta.url.slice(-3)}`, import.meta.url));

/**
 * The doctor's training step on one engine, in a process of its own: a native engine that goes wrong may take its process along.
 *
 * @returns what the doctor found, works or not.
 * @throws {@link EngineError} where the process ended without saying.
 */
export async function trainAStep(engine: InstallableEngine): Promise<EngineHealth> {
  const { stdout, output, code, signal } = await runCommand(process.execPath, [
    ...process.execArgv,
    PROGRAM,
    'doctor',
    engine,
    '--json',
  ]);
  const line = stdout.split('\n').find((each) => each.startsWith('[{'));
  if (line !== undefined) return (JSON.parse(line) as EngineHealth[])[0]!;
  const how = signal ?? `exit code ${code}`;
  throw new EngineError(
    engine,
    `a training step ended the process (${how}): ${tellingLine(output)}`,
    `${INSTALL_COMMAND} ${engine} --force`,
  );
}
