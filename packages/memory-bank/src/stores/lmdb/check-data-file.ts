import { open } from 'node:fs/promises';
import nodePath from 'node:path';
import { checkTrees } from './check-trees.js';
import { LmdbStoreError } from './lmdb-store-error.js';
import { readMeta } from './meta-page.js';
import { PageFile } from './page-file.js';

const ATTEMPTS = 5;

/**
 * Checks a store's data file before LMDB maps it. LMDB trusts its file: a damaged one ends the process by a signal, or
 * returns wrong rows. The whole file is read once, at a few hundred MB per second.
 *
 * Another process may write meanwhile and reuse pages that this check is about to read. If the check fails and there is
 * a new transaction, it starts again. A file that changes five times is in use, and is accepted.
 *
 * @throws {@link LmdbStoreError} with the first fault.
 */
export async function checkDataFile(path: string): Promise<void> {
  const name = nodePath.join(path, 'data.mdb');
  const handle = await open(name, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined; // New, or LMDB's to report.
    throw new LmdbStoreError(path, `data.mdb cannot be read (${error.message})`, { cause: error });
  });
  if (handle === undefined) return;
  try {
    for (let attempt = 1; ; attempt++) {
      const { size } = await handle.stat();
      if (size === 0) return;
      let transaction: number | undefined;
      try {
        const meta = await readMeta(handle);
        transaction = meta.transaction;
        await checkTrees(new PageFile(handle.fd, size, meta.pageSize), meta);
        return;
      } catch (cause) {
        const now = await readMeta(handle).catch(() => undefined);
        const isInUse = now !== undefined && transaction !== undefined && now.transaction > transaction;
        if (isInUse && attempt === ATTEMPTS) return;
        if (isInUse) continue;
        const reason = `data.mdb is damaged: ${(cause as Error).message}`;
        throw new LmdbStoreError(path, reason, { cause });
      }
    }
  } finally {
    await handle.close();
  }
}
