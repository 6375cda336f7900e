import { fileURLToPath } from 'node:url';
import type { EngineHealth } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';

/** Path of the command-line program, in `src` as in `dist`. */
const PROGRAM = fileURLToPath(new URL(`../cli${import.meta.url.slice(-3)}`, import.meta.url));

/**
 * Runs the doctor's training step on one engine in its own process: a native engine that fails may end its process.
 *
 * @returns the doctor's finding, whether the engine works or not.
 * @throws {@link EngineError} if the process ended without a finding.
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
