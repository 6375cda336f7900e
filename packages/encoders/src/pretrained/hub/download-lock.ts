import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../stale-files.js';

const BEAT_MS = 2_000;
/** A process that is alive touches its lock every {@link BEAT_MS}. */
const STALE_MS = 30_000;
const POLL_MS = 200;

/**
 * Waits until no other process downloads a file, and keeps others waiting.
 *
 * The lock saves traffic. Correctness does not depend on it: if two processes hold it, because one slept for long, both
 * write the same bytes to the same places.
 *
 * @param isDone whether the other process has finished the file, so that nothing is left to do.
 * @returns a function that releases the lock; undefined if `isDone`.
 * @throws the reason of `signal`.
 */
export async function lockDownload(
  lock: string,
  isDone: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<(() => Promise<void>) | undefined> {
  const token = `${process.pid} ${hostname()} ${randomUUID()}`;
  for (;;) {
    signal?.throwIfAborted();
    if (await isDone()) return undefined;
    if (await taken(lock, token)) {
      const release = beating(lock, token);
      // The other process may have finished between the two lines above.
      if (!(await isDone())) return release;
      await release();
      return undefined;
    }
    if (await isAbandoned(lock)) await removeAside(lock);
    else await sleep(POLL_MS);
  }
}

async function taken(lock: string, token: string): Promise<boolean> {
  try {
    await writeFile(lock, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function beating(lock: string, token: string): () => Promise<void> {
  const beat = setInterval(() => utimes(lock, new Date(), new Date()).catch(() => {}), BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    const isOurs = (await readFile(lock, 'utf8').catch(() => '')) === token;
    if (isOurs) await rm(lock, { force: true });
  };
}

/** Whether the process is dead, or has not touched the lock for long, on whatever machine it is. */
async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const [pid, host] = (await readFile(lock, 'utf8')).split(' ');
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Date.now() - (await stat(lock)).mtimeMs > STALE_MS;
  } catch {
    return false; // Released in between.
  }
}

/** Of several processes that find the same abandoned lock, one succeeds. */
async function removeAside(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside).catch(() => {});
  await rm(aside, { force: true });
}
