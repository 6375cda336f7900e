import { randomUUID } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { UsageError } from '../errors/usage-error.js';

/** Name of the file that says which process writes to a folder. */
export const LOCK_FILE = '.sifaka-lock';

/** Content of a lock file. */
interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as the kernel counts; empty where this cannot be read. Tells reused pids apart. */
  readonly start: string;
  /** Distinguishes the locks of one process. */
  readonly token: string;
}

/** Stands for a lock that cannot be read. Nobody knows whether its process is dead. */
const NO_OWNER: LockOwner = { pid: 0, host: '', start: '', token: '' };

/** Processes that start at the same moment may release or take over a lock between two steps of this one. */
const ATTEMPTS = 100;

/** Lock files of this process, to be removed if it exits in the middle of a run. */
const held = new Map<string, string>();
let removesOnExit = false;

/**
 * Runs `work` while this process owns a folder. The folder is made if it does not exist. A lock that a dead process of
 * this machine left behind is taken over.
 *
 * @throws {@link UsageError} naming the owner if another run is writing to the folder.
 */
export async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, LOCK_FILE);
  const token = randomUUID();
  await acquire(file, { pid: process.pid, host: hostname(), start: processStart(process.pid), token });
  held.set(file, token);
  if (!removesOnExit) process.on('exit', releaseAll);
  removesOnExit = true;
  try {
    await removeLeftovers(folder);
    return await work();
  } finally {
    release(file, token);
  }
}

/** @throws {@link UsageError} if another run is writing to the folder. */
export async function assertUnlocked(folder: string): Promise<void> {
  const file = path.join(folder, LOCK_FILE);
  const owner = await readOwner(file);
  if (owner !== undefined && !isDead(owner)) throw locked(file, owner);
}

async function acquire(file: string, mine: LockOwner): Promise<void> {
  // The lock appears with its content: a reader never sees an empty one.
  const written = `${file}.${mine.token}`;
  await writeFile(written, `${JSON.stringify(mine)}\n`);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linked(written, file)) return;
      const owner = await readOwner(file);
      if (owner === undefined) continue; // Released in between.
      if (!isDead(owner)) throw locked(file, owner);
      await removeStale(file, owner);
    }
    throw locked(file, NO_OWNER); // Something that is no file, such as a link to nowhere.
  } finally {
    await rm(written, { force: true });
  }
}

/** Makes a hard link. @returns false if the target exists. */
async function linked(existing: string, target: string): Promise<boolean> {
  try {
    await link(existing, target);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
  }
  // A file system without hard links.
  try {
    await writeFile(target, await readFile(existing), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process, unless another process has replaced it meanwhile. */
async function removeStale(file: string, stale: LockOwner): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const owner = await readOwner(aside); // Undefined if a process has removed it as a leftover.
  if (owner !== undefined && owner.token !== stale.token) await linked(aside, file);
  await rm(aside, { force: true });
}

/** A name that {@link acquire} or {@link removeStale} gives a lock beside its own. */
const ASIDE = new RegExp(`^${LOCK_FILE.replace('.', '\\.')}\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);

/** A process that locks writes its file at once, so an empty one of this age is nobody's. */
const LEFTOVER_MS = 60_000;

/** Removes what processes left behind that were killed while they locked the folder. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => ASIDE.test(each))) {
    const file = path.join(folder, name);
    try {
      const owner = await readOwner(file);
      const isOld = Date.now() - (await stat(file)).mtimeMs > LEFTOVER_MS;
      if (owner !== undefined && (isDead(owner) || (owner === NO_OWNER && isOld))) await rm(file, { force: true });
    } catch {
      // Its process removed it, or it belongs to another user. It does no harm.
    }
  }
}

/** @returns undefined if there is no lock. A file that is no lock has no owner that could be dead. */
async function readOwner(file: string): Promise<LockOwner | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { pid, host, start, token } = JSON.parse(text) as LockOwner;
    if (Number.isSafeInteger(pid) && pid > 0) return { pid, host, start, token };
  } catch {
    // Not a lock.
  }
  return NO_OWNER;
}

/** False if the process lives, or may live on another machine. */
function isDead({ pid, host, start }: LockOwner): boolean {
  if (pid === 0 || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  const now = processStart(pid);
  return start !== '' && now !== '' && start !== now;
}

/** Boot and clock tick at which a process started; empty on systems without `/proc`. */
function processStart(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The command's name is in parentheses, and may contain spaces and parentheses itself.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return `${boot} ${fields[19]}`;
  } catch {
    return '';
  }
}

function locked(file: string, { pid, host }: LockOwner): UsageError {
  const owner = pid === 0 ? 'a lock that cannot be read' : `process ${pid} on ${host}, which is writing to it`;
  return new UsageError(
    `Output folder ${path.dirname(file)}: expected no other run, got ${owner}\n` +
      `  Choose another folder, or wait for that run. If it is no longer running, delete ${file}.`,
  );
}

/** Synchronous, so that it also works while the process exits. */
function release(file: string, token: string): void {
  held.delete(file);
  try {
    if ((JSON.parse(readFileSync(file, 'utf8')) as LockOwner).token === token) unlinkSync(file);
  } catch {
    // Already gone.
  }
}

function releaseAll(): void {
  for (const [file, token] of held) release(file, token);
}
