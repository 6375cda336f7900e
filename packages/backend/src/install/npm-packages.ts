import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';
import { systemCommand } from './system-command.js';

/**
 * Installs packages from npm into their own folder, without running their install scripts.
 *
 * @returns the folder's `node_modules`.
 * @throws {@link EngineError} that quotes npm.
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

/** The first of npm's errors that says what is wrong; npm prints codes before it. */
export function npmReason(output: string): string {
  const errors = [...output.matchAll(/^npm (?:ERR!|error) +(\S.*)$/gm)].map(([, words]) => words!.trim());
  return errors.find((words) => !/^(code|errno|syscall|path|dest) /.test(words)) ?? errors[0] ?? tellingLine(output);
}

/**
 * Moves a folder to its final path. A folder that is already there moves into `aside`, a staging folder that is removed
 * later.
 */
export function replaceFolder(made: string, target: string, aside: string): void {
  mkdirSync(path.dirname(target), { recursive: true });
  if (existsSync(target)) {
    mkdirSync(aside, { recursive: true });
    renameSync(target, path.join(aside, `${path.basename(target)}-before`));
  }
  renameSync(made, target);
}
