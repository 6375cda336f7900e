import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';

const PREFIX = '.installing-';
const GIGABYTE = 1e9;

/**
 * Runs `work` with a fresh folder on the same disk as everything that is installed, in which things are made before they are renamed to
 * their places. The folder is gone afterwards, also when the user interrupts; what an earlier run left when it was killed goes, too.
 *
 * @param home `$SIFAKA_HOME`.
 * @throws {@link EngineError} where the folder cannot be written to.
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

/** @throws {@link EngineError} where the disk of `folder` has fewer gigabytes free than `needed`. */
export function requireDiskSpace(engine: InstallableEngine, folder: string, needed: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / GIGABYTE;
  if (free >= needed) return;
  throw new EngineError(
    engine,
    `it takes ${needed} GB in ${folder} while it installs, ${free.toFixed(1)} GB are free`,
    elsewhere(engine),
  );
}

function elsewhere(engine: InstallableEngine): string {
  return `export SIFAKA_HOME=ANOTHER_FOLDER; ${INSTALL_COMMAND} ${engine}`; // Exported: programs look there, too.
}

function removeAbandoned(home: string): void {
  for (const name of readdirSync(home)) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
    if (Number.isInteger(owner) && !isRunning(owner)) rmSync(path.join(home, name), { recursive: true, force: true });
  }
}

function isRunning(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
