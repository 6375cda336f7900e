import { copyFile, mkdir, readFile, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { loadHub } from '../../optional-packages.js';
import { writeWhole } from '../../write-whole.js';
import { sizeOf } from './download-blob.js';
import type { HubSettings } from './hub-settings.js';

export const COMMIT: RegExp = /^[0-9a-f]{40}$/;

/**
 * A repository in the cache, in the layout of Python's `huggingface_hub`: `refs/main` holds a commit, and
 * `snapshots/COMMIT/FILE` links to `blobs/HASH`.
 */
export class CachedRepository {
  readonly folder: string;
  readonly #revision: string;

  /** @throws MissingPackageError unless `@huggingface/hub`, which knows where the cache is, is installed. */
  constructor({ repository, revision, cacheFolder }: HubSettings) {
    const { getHFHubCachePath, getRepoFolderName } = loadHub('openPretrained');
    const repositoryFolder = getRepoFolderName({ name: repository, type: 'model' });
    this.folder = path.join(cacheFolder ?? getHFHubCachePath(), repositoryFolder);
    this.#revision = revision;
  }

  blob(hash: string): string {
    return path.join(this.folder, 'blobs', hash);
  }

  snapshot(commit: string): string {
    return path.join(this.folder, 'snapshots', commit);
  }

  /** @returns the commit of the revision when it was last downloaded; undefined if it never was. */
  async commit(): Promise<string | undefined> {
    if (COMMIT.test(this.#revision)) return this.#revision;
    const text = await readFile(this.#ref(), 'utf8').catch(() => '');
    return COMMIT.test(text.trim()) ? text.trim() : undefined;
  }

  /** Written last, so that offline mode never finds a commit of which only a part has arrived. */
  async setCommit(commit: string): Promise<void> {
    if ((await this.commit()) !== commit) await replace(this.#ref(), commit);
  }

  /** Makes a blob appear as a file of a commit. Writes nothing if it does, so that a shared cache may be read-only. */
  async link(commit: string, file: string, hash: string): Promise<void> {
    const target = path.join(this.snapshot(commit), file);
    const blob = this.blob(hash);
    const link = path.relative(path.dirname(target), blob);
    const existing = await readlink(target).catch(() => undefined);
    const isCopy = existing === undefined && (await sizeOf(target)) === (await sizeOf(blob));
    if (existing === link || isCopy) return;
    await replace(target, async (at) => {
      try {
        await symlink(link, at);
      } catch {
        await copyFile(blob, at); // Windows allows links to few users.
      }
    });
  }

  #ref(): string {
    return path.join(this.folder, 'refs', this.#revision);
  }
}

/** Other processes see the old file or the new one. */
async function replace(file: string, content: Parameters<typeof writeWhole>[1]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeWhole(file, content);
}
