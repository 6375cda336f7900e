import { stat } from 'node:fs/promises';
import nodePath from 'node:path';
import type { RootDatabase } from 'lmdb';

/** An open LMDB environment: one mapped file. */
export interface Environment {
  readonly root: RootDatabase;
  /** Closes it, unless it is open elsewhere in this process. */
  release(): Promise<void>;
}

/** The environments of this process, by device and inode of their file, and how often each is open. */
const environments = new Map<string, { readonly root: RootDatabase; uses: number }>();

/** The last opening or closing. Two at the same moment could open one file twice. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Opens the environment in a folder, or shares the one of this process. LMDB allows a process to open a file once only:
 * opened a second time, a write never returns.
 *
 * @param open called if the process does not have the environment open
 */
export function openEnvironment(folder: string, open: () => Promise<RootDatabase>): Promise<Environment> {
  return inOrder(async () => {
    const known = await identify(folder);
    const shared = known === '' ? undefined : environments.get(known);
    if (shared !== undefined) {
      shared.uses++;
      return environment(known, shared);
    }
    const opened = { root: await open(), uses: 1 };
    const key = await identify(folder); // Opening may have made the file.
    environments.set(key, opened);
    return environment(key, opened);
  });
}

function environment(key: string, shared: { readonly root: RootDatabase; uses: number }): Environment {
  return {
    root: shared.root,
    release: () =>
      inOrder(async () => {
        if (--shared.uses > 0) return;
        environments.delete(key);
        await shared.root.close();
      }),
  };
}

/** Device and inode of a folder's file, which stay the same by whatever path; empty if there is no file. */
async function identify(folder: string): Promise<string> {
  const found = await stat(nodePath.join(folder, 'data.mdb'), { bigint: true }).catch(() => undefined);
  return found === undefined ? '' : `${found.dev}:${found.ino}`;
}

function inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
  const done = last.then(work);
  last = done.catch(() => {}); // The caller gets the error from `done`.
  return done;
}
