import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isAlive } from '@sifaka/encoders/node';
import { CheckpointError } from './checkpoint-error.js';

/** Which folders are checkpoints of one kind. */
export interface FolderKind {
  /** Matches their names. */
  readonly name: RegExp;
  /** JSON file with `checksums` that every one of them holds. Folders without it are never replaced or removed. */
  readonly marker: string;
}

/** `.NAME.HOST-PID-ID.partial` is being written; `.NAME.HOST-PID-ID.aside` is the old folder while it is replaced. */
const TEMPORARY = /^\.(.+)\.([0-9a-f]{8})-(\d+)-([0-9a-f]{8})\.(partial|aside)$/;
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** What earlier versions left. */
const LEFTOVER = /^\.(.+)\.partial$/;
/** Temporary folders that this process is using. */
const inUse = new Set<string>();

/**
 * Lists the folders in a folder whose names match, in descending order: the newest first. Empty if there is no folder.
 * A checkpoint whose process was killed while replacing it is listed under its temporary name.
 *
 * @throws {@link CheckpointError} if the system refuses to list the folder.
 */
export async function listFolders(folder: string, { name }: FolderKind): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new CheckpointError(folder, `expected to list its checkpoints, got ${error.message}`, { cause: error });
  });
  const found = new Map<string, string>();
  for (const each of names.sort()) {
    const [, target, , , , kind] = TEMPORARY.exec(each) ?? [];
    if (kind === 'aside' && name.test(target!)) found.set(target!, each);
  }
  for (const each of names) if (name.test(each)) found.set(each, each);
  return [...found].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, each]) => path.join(folder, each));
}

/**
 * Writes the folder `name` under a temporary name, then renames it, so that a process killed at any moment leaves the
 * old folder or the new one. Keeps the newest of the other folders of this kind. Removes temporary folders of killed
 * processes. The new folder always stays, even if a longer run left folders with later steps.
 *
 * @param write writes the files into the folder that it is given
 * @returns the folder
 * @throws {@link CheckpointError} if something else has the name, or if writing fails, as on a full disk. Earlier
 *   checkpoints are intact then.
 */
export async function writeFolder(
  folder: string,
  name: string,
  kind: FolderKind,
  write: (partial: string) => Promise<void>,
): Promise<string> {
  const target = path.join(folder, name);
  const temporary = path.join(folder, `.${name}.${HOST}-${process.pid}-${randomUUID().slice(0, 8)}`);
  const [partial, aside] = [`${temporary}.partial`, `${temporary}.aside`];
  for (const each of [partial, aside]) inUse.add(each);
  try {
    await mkdir(folder, { recursive: true });
    await removeLeftovers(folder, kind);
    if ((await exists(target)) && !(await isOurs(target, kind))) {
      throw new CheckpointError(
        target,
        `expected a checkpoint with ${kind.marker} or nothing to replace, got a folder without it`,
      );
    }
    await mkdir(partial);
    await write(partial);
    const replaces = await exists(target);
    if (replaces) await rename(target, aside);
    await rename(partial, target);
    await rm(aside, { recursive: true, force: true });
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (!(await exists(target))) await rename(aside, target).catch(() => undefined);
    throw await explainWriting(
      error,
      target,
      partial,
      async () => (await listFolders(folder, kind).catch(() => []))[0],
    );
  } finally {
    for (const each of [partial, aside]) inUse.delete(each);
  }
  const others: string[] = [];
  for (const each of await listFolders(folder, kind)) {
    if (each !== target && (await isOurs(each, kind))) others.push(each);
  }
  for (const old of others.slice(1)) await rm(old, { recursive: true, force: true });
  return target;
}

/** Removes temporary folders of this machine's dead processes. An aside without a successor gets its name back. */
async function removeLeftovers(folder: string, { name }: FolderKind): Promise<void> {
  for (const each of await readdir(folder)) {
    const found = path.join(folder, each);
    const [, target, host, pid, , kind] = TEMPORARY.exec(each) ?? [];
    if (kind === undefined && name.test(LEFTOVER.exec(each)?.[1] ?? ''))
      await rm(found, { recursive: true, force: true });
    if (kind === undefined || !name.test(target!) || host !== HOST || inUse.has(found) || isOther(Number(pid)))
      continue;
    if (kind === 'aside' && !(await exists(path.join(folder, target!))))
      await rename(found, path.join(folder, target!));
    else await rm(found, { recursive: true, force: true });
  }
}

/** Whether another process has this id. Folders that this process is using are known. */
function isOther(pid: number): boolean {
  return pid !== process.pid && isAlive(pid);
}

/** Whether a folder holds our marker. A marker that cannot be parsed is ours and damaged. */
async function isOurs(folder: string, { marker }: FolderKind): Promise<boolean> {
  const text = await readFile(path.join(folder, marker), 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  try {
    const content = JSON.parse(text) as { checksums?: unknown } | null;
    return typeof content?.checksums === 'object';
  } catch {
    return true;
  }
}

async function exists(target: string): Promise<boolean> {
  return stat(target).then(
    () => true,
    () => false,
  );
}

/** Writes files by their path in a folder. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  for (const [file, content] of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
}

/** A {@link CheckpointError} that names the file that could not be written, and the checkpoint that is kept. */
async function explainWriting(
  error: unknown,
  target: string,
  partial: string,
  newest: () => Promise<string | undefined>,
): Promise<unknown> {
  const { code, path: failed, message } = error as NodeJS.ErrnoException;
  if (code === undefined || CheckpointError.isInstance(error)) return error;
  const file = failed?.startsWith(partial) ? path.relative(partial, failed) : (failed ?? '');
  const reason = code === 'ENOSPC' ? 'the disk is full' : message;
  const kept = await newest().catch(() => undefined);
  const keeps = kept === undefined ? 'no checkpoint was written before' : `the last checkpoint is whole: ${kept}`;
  return new CheckpointError(target, `expected to write ${file || 'it'}, but ${reason}; ${keeps}`, { cause: error });
}
