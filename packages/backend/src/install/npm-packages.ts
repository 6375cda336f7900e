import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';
import { systemCommand } from './system-command.js';

/**
 * Installs packages from npm into a folder of their own, without running their install scripts.
 *
 * @returns its `node_modules`.
 * @throws {@link EngineError} with what npm said.
 */
export async function npmInstall(
  engine: InstallableEngine,
  folder: string,
  packages: readonly string[],
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const { code, output } = await runCommand('npm', ['install', '--prefix', folder, ...quiet, ...packages], {
    cwd: folder,
  });
  if (code === undefined) throw new EngineError(engine, 'there is no npm on the path', systemCommand('npm'));
  if (code !== 0)
    throw new EngineError(engine, `npm failed: ${npmReason(output)}`, `npm install ${packages.join(' ')}`);
  return path.join(folder, 'node_modules');
}

/** npm says codes first and what they mean after them. */
export function npmReason(output: string): string {
  const errors = [...output.matchAll(/^npm (?:ERR!|error) +(\S.*)$/gm)].map(([, words]) => words!.trim());
  return errors.find((words) => !/^(code|errno|syscall|path|dest) /.test(words)) ?? errors[0] ?? tellingLine(output);
}

/** Puts a folder in its place; one that stood there moves into `aside`, where it goes with the rest of the staging folder. */
export function replaceFolder(made: string, place: string, aside: string): void {
  mkdirSync(path.dirname(place), { recursive: true });
  if (existsSync(place)) {
    mkdirSync(aside, { recursive: true });
    renameSync(place, path.join(aside, `${path.basename(place)}-before`));
  }
  renameSync(made, place);
}
