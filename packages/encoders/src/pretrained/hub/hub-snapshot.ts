import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadHub } from '../../optional-packages.js';
import { cardLicence } from '../licence.js';
import { PretrainedError } from '../pretrained-error.js';
import { CARD, INDEX, LICENCES, OPTIONAL, parseIndex, WEIGHTS, weightsFile } from '../weight-files.js';
import { downloadBlob, type HubFile, sizeOf } from './download-blob.js';
import { CachedRepository, COMMIT } from './hub-cache.js';
import { HubFailure } from './hub-failure.js';
import type { HubSettings } from './hub-settings.js';
import { fetchFor } from './request.js';
import { retrying } from './retrying.js';

/** A list of this many files in one folder is not a checkpoint. */
const MAX_FILES = 10_000;

export interface HubSnapshot {
  /** Folder with the files of one commit. */
  readonly folder: string;
  readonly commit: string;
}

/**
 * Makes a checkpoint's files appear in the cache: those that are needed, and no others.
 *
 * @throws {@link PretrainedError}; MissingPackageError; the reason of the settings' signal.
 */
export async function hubSnapshot(settings: HubSettings): Promise<HubSnapshot> {
  const cache = new CachedRepository(settings);
  return settings.offline ? cachedSnapshot(settings, cache) : downloadedSnapshot(settings, cache);
}

async function downloadedSnapshot(settings: HubSettings, cache: CachedRepository): Promise<HubSnapshot> {
  const source = sourceOf(settings);
  const { commit, files } = await listRepository(settings, cache);
  const required = (name: string, because = ''): HubFile => {
    const file = files.get(name);
    if (file !== undefined) return file;
    throw new PretrainedError('missing', { source, file: name }, `the repository has no such file${because}`);
  };
  const download = async (file: HubFile): Promise<void> => {
    try {
      const url = `${settings.endpoint}/${settings.repository}/resolve/${commit}/${encodeURIComponent(file.path)}`;
      await downloadBlob(settings, url, file, cache.blob(file.hash));
      await cache.link(commit, file.path, file.hash);
    } catch (error) {
      settings.signal?.throwIfAborted();
      // Not what a caller's onProgress throws.
      const isSystemError = typeof (error as NodeJS.ErrnoException).code === 'string';
      if (PretrainedError.isInstance(error) || !isSystemError) throw error;
      const problem = `cannot write to the cache ${cache.folder}: ${(error as Error).message}`;
      throw new PretrainedError('disk', { source, file: file.path }, problem, { cause: error });
    }
  };

  // What is wrong with the repository shows before anything large arrives.
  const config = required('config.json');
  const weights = required(weightsFile(source, files.keys()));
  const isThere = (file: HubFile | undefined): file is HubFile => file !== undefined;
  for (const file of [config, ...OPTIONAL.map((name) => files.get(name)).filter(isThere)]) await download(file);
  const licence = LICENCES.map((name) => files.get(name)).find(isThere);
  const text = (file: string): Promise<string> => readFile(path.join(cache.snapshot(commit), file), 'utf8');
  const isStated = files.has(CARD) && cardLicence(await text(CARD)) !== undefined;
  if (licence !== undefined && !isStated) await download(licence);
  await download(weights);
  if (weights.path === INDEX) {
    const index = parseIndex(source, await text(INDEX));
    const shards = [...new Set(index.values())].sort().map((name) => required(name, `, which ${INDEX} names`));
    for (const shard of shards) await download(shard);
  }
  await cache.setCommit(commit);
  return { folder: cache.snapshot(commit), commit };
}

/** Asks the hub for the commit of the revision and for the files at its top level. */
async function listRepository(
  settings: HubSettings,
  cache: CachedRepository,
): Promise<{ readonly commit: string; readonly files: ReadonlyMap<string, HubFile> }> {
  const { modelInfo, listFiles } = loadHub('openPretrained');
  const { repository, revision, endpoint } = settings;
  const common = { hubUrl: endpoint, fetch: fetchFor(settings) };
  try {
    const commit = await retrying(settings, 'list of files', () =>
      understood(
        async () => (await modelInfo({ ...common, name: repository, revision, additionalFields: ['sha'] })).sha,
      ),
    );
    if (!COMMIT.test(commit)) throw notUnderstood(settings);
    const files = await retrying(settings, 'list of files', () =>
      understood(async () => {
        const found = new Map<string, HubFile>();
        for await (const entry of listFiles({
          ...common,
          repo: { type: 'model', name: repository },
          revision: commit,
        })) {
          const hash = entry.lfs?.oid ?? entry.oid;
          const isFile = entry.type === 'file' && Number.isSafeInteger(entry.size) && entry.size >= 0;
          // The hash becomes a file name.
          if (isFile && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash ?? '')) {
            found.set(entry.path, { path: entry.path, size: entry.size, hash: hash! });
          }
          if (found.size > MAX_FILES) throw new HubFailure(`expected at most ${MAX_FILES} files, got more`);
        }
        return found;
      }),
    );
    return { commit, files };
  } catch (error) {
    if (!PretrainedError.isInstance(error) || error.reason !== 'network') throw error;
    if ((await cache.commit()) === undefined) throw error;
    const problem = `${error.problem}. The cache has this revision: offline: true (HF_HUB_OFFLINE=1) opens it`;
    throw new PretrainedError('network', error, problem, { cause: error.cause });
  }
}

/** What the library throws about an answer that it does not expect says little about the hub. */
async function understood<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new HubFailure('expected the JSON of a hub, got another answer. Is HF_ENDPOINT right?', { cause: error });
    }
    throw error;
  }
}

function notUnderstood(settings: HubSettings): PretrainedError {
  const problem = `expected a commit from ${settings.endpoint}, got another answer. Is HF_ENDPOINT right?`;
  return new PretrainedError('network', { source: sourceOf(settings), file: 'list of files' }, problem);
}

async function cachedSnapshot(settings: HubSettings, cache: CachedRepository): Promise<HubSnapshot> {
  const source = sourceOf(settings);
  const commit = await cache.commit();
  const fail = (file?: string): PretrainedError => {
    const what = file === undefined ? `there is nothing of this revision in ${cache.folder}` : `not in ${cache.folder}`;
    const problem = `${what}, and offline mode is on (offline or HF_HUB_OFFLINE). Open it once without`;
    return new PretrainedError('offline', { source, file }, problem);
  };
  if (commit === undefined) throw fail();
  const folder = cache.snapshot(commit);
  // Links whose content is gone do not count.
  const isThere = async (file: string): Promise<boolean> => (await sizeOf(path.join(folder, file))) !== undefined;
  if (!(await isThere('config.json'))) throw fail('config.json');
  if (!(await isThere(WEIGHTS))) {
    if (!(await isThere(INDEX))) throw fail(WEIGHTS);
    const index = parseIndex(source, await readFile(path.join(folder, INDEX), 'utf8'));
    for (const shard of new Set(index.values())) if (!(await isThere(shard))) throw fail(shard);
  }
  return { folder, commit };
}

/** Name of a repository in messages. */
export function sourceOf({ repository, revision }: HubSettings): string {
  return `${repository}@${revision}`;
}
