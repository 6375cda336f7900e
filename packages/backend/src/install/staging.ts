import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';

const PREFIX = '.installing-';
const GIGABYTE = 1e9;

/**
 * Runs `work` with a new staging folder in `$SIFAKA_HOME`: files are made there and then renamed to their final paths,
 * on the same disk. The folder is removed afterwards, even if the user interrupts. So are the folders of earlier runs
 * that were killed.
 *
 * @param home the value of `$SIFAKA_HOME`, or its default.
 * @throws {@link EngineError} if the folder is not writable.
 */
export async function withStaging<T>(
  engine: InstallableEngine,
  home: string,
  work: (staging: string) => Promise<T>,
): Promise<T> {
  const staging = path.join(home, `${PREFIX}${process.pid}`);
  const remove = () => rmSync(staging, { recursive: true, force: true });
  const interrupted = (signal: NodeJS.Signals) => {
    remove();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  try {
    mkdirSync(home, { recursive: true });
    removeAbandoned(home);
    mkdirSync(staging);
  } catch (error) {
    throw new EngineError(engine, `cannot write to ${home} (${codeOf(error)})`, elsewhere(engine));
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await work(staging);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    remove();
  }
}

/** @throws {@link EngineError} if the disk of `folder` has fewer gigabytes free than `needed`. */
export function requireDiskSpace(engine: InstallableEngine, folder: string, needed: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / GIGABYTE;
  if (free >= needed) return;
  throw new EngineError(
    engine,
    `expected ${needed} GB free in ${folder} during the installation, got ${free.toFixed(1)}`,
    elsewhere(engine),
  );
}

function elsewhere(engine: InstallableEngine): string {
  // Exported, because programs look there, too.
  return `export SIFAKA_HOME=ANOTHER_FOLDER; ${INSTALL_COMMAND} ${engine}`;
}

function removeAbandoned(home: string): void {
  for (const name of readdirSync(home)) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
    if (Number.isInteger(owner) && !isRunning(owner)) rmSync(path.join(home, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
