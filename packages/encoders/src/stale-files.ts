import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

// A file is stale if nobody wrote to it for this long. Process ids of another machine say nothing here, but a process
// that is alive writes all the time.
const STALE_MS = 60_000;

/** A name beside `file` that says which process writes there. */
export function temporaryName(file: string): string {
  return `${file}.${process.pid}-${randomUUID()}.tmp`;
}

/** Removes temporary files of `file` that killed processes left behind, where this is possible. */
export async function removeStaleFiles(file: string): Promise<void> {
  const folder = path.dirname(file);
  const start = `${path.basename(file)}.`;
  // A folder that can be written to but not listed does no harm either.
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = (name.startsWith(start) && /^(\d+)-[0-9a-f-]{36}\.tmp$/.exec(name.slice(start.length))) || [];
    if (pid === undefined) continue;
    const stale = path.join(folder, name);
    try {
      if (isAbandoned(Number(pid), statSync(stale).mtimeMs)) await rm(stale, { force: true });
    } catch {
      // Another process removed it, or it belongs to another user. It does no harm.
    }
  }
}

/** Whether the process that wrote a file is gone. @param modified when it last wrote, in milliseconds */
export function isAbandoned(pid: number, modified: number): boolean {
  return Date.now() - modified > STALE_MS && !isAlive(pid);
}

/** Whether a process of this machine has this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
