import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DownloadProgress, openPretrained } from '@sifaka/encoders/node';
import { hubServer } from '@sifaka/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHECKPOINT, folderMaker, SHARDED } from './tiny-checkpoint.js';

const server = hubServer();
const makeFolder = folderMaker();
let cacheFolder: string;
let commit: string;
beforeEach(() => {
  cacheFolder = makeFolder();
  commit = server.add('zoo/tiny', CHECKPOINT);
  // The machine's own settings.
  for (const name of ['HF_TOKEN', 'HF_ENDPOINT', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HUB_OFFLINE']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('HF_HOME', cacheFolder);
});
afterEach(() => vi.unstubAllEnvs());
const options = () => ({ endpoint: server.endpoint, cacheFolder });
const mtime = (file: string) => statSync(file).mtimeMs;
const snapshot = () => path.join(cacheFolder, 'models--zoo--tiny', 'snapshots', commit);

describe('openPretrained of a hub', () => {
  it('downloads the files that are needed, once', async () => {
    const first = await openPretrained('zoo/tiny', options());
    expect(first).toMatchObject({
      name: 'zoo/tiny@main',
      commit,
      folder: snapshot(),
      config: { model_type: 'bert' },
      licence: 'apache-2.0',
    });
    expect(await first.weights.read('a.weight')).toEqual(Float32Array.of(1.5, -2, 2 ** -149, 0));
    const needed = Object.keys(CHECKPOINT).filter((name) => !['pytorch_model.bin', 'onnx.txt'].includes(name));
    expect([...new Set(server.filesSeen)].sort()).toEqual(needed.sort());

    const sent = server.sent;
    const second = await openPretrained('zoo/tiny', options());
    expect([...second.weights.entries]).toEqual([...first.weights.entries]);
    expect(server.sent).toBe(sent);
  });

  it('writes nothing to a cache that has everything', async () => {
    const { folder } = await openPretrained('zoo/tiny', options());
    const times = () =>
      [folder, path.join(folder, '..', '..', 'refs'), path.join(folder, '..', '..', 'blobs')].map(mtime);
    const before = times();
    await openPretrained('zoo/tiny', options());
    expect(times()).toEqual(before);
  });

  it('passes on what onProgress throws', async () => {
    const onProgress = () => {
      throw new Error('from the caller');
    };
    await expect(openPretrained('zoo/tiny', { ...options(), onProgress })).rejects.toThrow(/^from the caller$/);
  });

  it("lays them out as Python's library does", async () => {
    await openPretrained('zoo/tiny', options());
    const repository = path.join(cacheFolder, 'models--zoo--tiny');
    expect(readdirSync(repository).sort()).toEqual(['blobs', 'refs', 'snapshots']);
    expect(readFileSync(path.join(repository, 'refs', 'main'), 'utf8')).toBe(commit);
    const link = path.join(snapshot(), 'model.safetensors');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readlinkSync(path.join(snapshot(), 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(readdirSync(path.join(repository, 'blobs')).every((name) => /^[0-9a-f]+$/.test(name))).toBe(true);
  });

  it('reports progress up to the size of each file, also of files that are there', async () => {
    for (const kind of ['downloaded', 'cached']) {
      const last = new Map<string, DownloadProgress>();
      const onProgress = (progress: DownloadProgress) => {
        expect(progress.received).toBeGreaterThanOrEqual(last.get(progress.file)?.received ?? 0);
        last.set(progress.file, progress);
      };
      await openPretrained('zoo/tiny', { ...options(), onProgress });
      const { length } = CHECKPOINT['model.safetensors']!;
      expect(last.get('model.safetensors'), kind).toEqual({
        file: 'model.safetensors',
        received: length,
        size: length,
      });
      expect([...last.values()].every(({ received, size }) => received === size)).toBe(true);
    }
  });

  it('follows a branch, and keeps a commit', async () => {
    await openPretrained('zoo/tiny', options());
    const old = commit;
    commit = server.add('zoo/tiny', { ...CHECKPOINT, 'config.json': '{ "model_type": "new" }' });
    expect((await openPretrained('zoo/tiny', options())).config).toEqual({ model_type: 'new' });
    const pinned = await openPretrained('zoo/tiny', { ...options(), revision: old, offline: true });
    expect(pinned).toMatchObject({ name: `zoo/tiny@${old}`, config: { model_type: 'bert' }, commit: old });
    const request = await openPretrained('zoo/tiny', { ...options(), revision: 'refs/pr/1' });
    expect(request).toMatchObject({ name: 'zoo/tiny@refs/pr/1', commit });
  });

  it('reads shards, each once', async () => {
    server.add('zoo/parts', SHARDED);
    const { weights } = await openPretrained('zoo/parts', options());
    expect(await weights.read('b')).toEqual(Float32Array.of(4, 5));
    // The hub redirects to its storage.
    expect(server.filesSeen.filter((name) => name === 'model-1-of-2.safetensors')).toHaveLength(2);
  });

  it('reads empty files and old names without an owner', async () => {
    server.add('tiny', { ...CHECKPOINT, 'README.md': '', LICENSE: 'MIT License' });
    expect(await openPretrained('tiny', options())).toMatchObject({ licence: 'MIT License (file LICENSE)' });
  });

  it('prefers a folder of the same name', async () => {
    const folder = makeFolder({ 'zoo/tiny/config.json': '{}' });
    const before = process.cwd();
    process.chdir(folder);
    try {
      await expect(openPretrained('zoo/tiny', options())).rejects.toThrow('zoo/tiny: expected model.safetensors');
    } finally {
      process.chdir(before);
    }
    expect(server.seen).toEqual([]);
  });
});

describe('what is wrong with a repository shows before weights arrive', () => {
  it.each([
    [
      { 'config.json': '{}', 'pytorch_model.bin': 'x'.repeat(1000), 'tf_model.h5': 'x' },
      'zoo/other@main, pytorch_model.bin: expected model.safetensors or model.safetensors.index.json, ' +
        'got only pytorch_model.bin, tf_model.h5. Formats that can run code when they are read are refused. Convert ' +
        'it once in Python: AutoModel.from_pretrained(…).save_pretrained(folder, safe_serialization=True), then open ' +
        "that folder. On the hub, a pull request may hold the converted file: try revision 'refs/pr/1'",
      [],
    ],
    [{ 'model.safetensors': 'x' }, 'zoo/other@main, config.json: the repository has no such file', []],
    [
      { ...SHARDED, 'model-2-of-2.safetensors': undefined! },
      'zoo/other@main, model-2-of-2.safetensors: the repository has no such file, ' +
        'which model.safetensors.index.json names',
      ['config.json', 'model.safetensors.index.json'],
    ],
    [
      { ...SHARDED, 'model.safetensors.index.json': '{ "weight_map": { "a": "../../../config.safetensors" } }' },
      'zoo/other@main, model.safetensors.index.json: a: expected the name of a .safetensors file in the same folder',
      ['config.json', 'model.safetensors.index.json'],
    ],
  ])('%#', async (files, message, downloaded) => {
    server.add('zoo/other', Object.fromEntries(Object.entries(files).filter(([, content]) => content !== undefined)));
    await expect(openPretrained('zoo/other', options())).rejects.toThrow(`openPretrained: ${message}`);
    expect(server.filesSeen).toEqual(downloaded);
  });

  it('whatever names and hashes the hub lists, nothing is written outside the cache', async () => {
    server.misbehave = (_, response, url) => {
      if (!url.includes('/tree/')) return false;
      const entry = { type: 'file', size: 2 };
      response.end(
        JSON.stringify([
          { ...entry, path: 'config.json', oid: '../../../../escaped' },
          { ...entry, path: '../config.json', oid: '0'.repeat(40) },
          { ...entry, path: 'model.safetensors', oid: '0'.repeat(40), size: -1 },
        ]),
      );
      return true;
    };
    await expect(openPretrained('zoo/tiny', options())).rejects.toThrow('config.json: the repository has no such file');
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});

describe('settings', () => {
  it('come from the environment', async () => {
    vi.stubEnv('HF_ENDPOINT', `${server.endpoint}/`);
    vi.stubEnv('HF_TOKEN', 'hf_fromEnvironment');
    expect((await openPretrained('zoo/tiny')).folder).toBe(
      path.join(cacheFolder, 'hub', 'models--zoo--tiny', 'snapshots', commit),
    );
    expect(server.seen[0]!.authorization).toBe('Bearer hf_fromEnvironment');
    const other = makeFolder();
    vi.stubEnv('HF_HUB_CACHE', other);
    expect((await openPretrained('zoo/tiny')).folder.startsWith(other)).toBe(true);
  });

  it('send the token of the option, or of the usual file, to the hub but not where it redirects', async () => {
    const tokens = async (token?: string | false) => {
      server.seen.length = 0;
      await openPretrained('zoo/tiny', {
        ...options(),
        cacheFolder: makeFolder(),
        ...(token !== undefined && { token }),
      });
      const sentTo = (isStorage: boolean) =>
        new Set(
          server.seen
            .filter(({ path }) => path.startsWith('/storage/') === isStorage)
            .map(({ authorization }) => authorization),
        );
      expect([...sentTo(true)]).toEqual([undefined]);
      return [...sentTo(false)];
    };
    expect(await tokens('any-kind-of-token')).toEqual(['Bearer any-kind-of-token']);
    expect(await tokens()).toEqual([undefined]);
    writeFileSync(path.join(cacheFolder, 'token'), 'hf_fromFile\n');
    expect(await tokens()).toEqual(['Bearer hf_fromFile']);
    expect(await tokens(false)).toEqual([undefined]);
    vi.stubEnv('HF_HUB_DISABLE_IMPLICIT_TOKEN', '1');
    expect(await tokens()).toEqual([undefined]);
    vi.unstubAllEnvs();
    vi.stubEnv('HF_TOKEN', undefined);
    vi.stubEnv('HF_TOKEN_PATH', path.join(makeFolder({ mine: 'hf_elsewhere' }), 'mine'));
    expect(await tokens()).toEqual(['Bearer hf_elsewhere']);
  });

  it('do not send the token to another origin that the list of files names', async () => {
    server.misbehave = (request, response, url) => {
      if (!url.includes('/tree/') || request.url!.includes('page')) return false;
      const elsewhere = server.endpoint.replace('127.0.0.1', 'localhost');
      response.setHeader('Link', `<${elsewhere}${request.url}&page=0>; rel="next"`);
      response.end('[]');
      return true;
    };
    await openPretrained('zoo/tiny', { ...options(), token: 'hf_secret' });
    const [first, second] = server.seen.filter(({ path }) => path.includes('/tree/'));
    expect([first!.authorization, second!.authorization]).toEqual(['Bearer hf_secret', undefined]);
  });

  it.each([
    [{ revision: '../main' }, 'expected a revision such as main, v1.0 or a commit, got "../main"'],
    [{ revision: '/main' }, 'expected a revision'],
    [{ endpoint: 'ftp://hub' }, 'expected endpoint to be an http(s) address without a password'],
    [{ timeoutSeconds: 0 }, 'expected timeoutSeconds above 0 and up to 86400, got 0'],
    [{ retries: -1 }, 'expected retries to be a whole number from 0, got -1'],
  ])('are checked: %o', async (wrong, message) => {
    await expect(openPretrained('zoo/tiny', { ...options(), ...wrong })).rejects.toThrow(RangeError);
    await expect(openPretrained('zoo/tiny', { ...options(), ...wrong })).rejects.toThrow(`openPretrained: ${message}`);
  });

  it('do not show secrets that cannot be used', async () => {
    for (const wrong of [{ token: 'secret\nsecret' }, { endpoint: 'https://me:secret@hub' }]) {
      const error = await openPretrained('zoo/tiny', { ...options(), ...wrong }).catch((caught: Error) => caught);
      expect(error).toBeInstanceOf(RangeError);
      expect(String((error as Error).stack)).not.toContain('secret');
    }
  });
});

describe('offline', () => {
  const offline = () => ({ ...options(), offline: true });

  it('opens what the cache has, without a request', async () => {
    await openPretrained('zoo/tiny', options());
    server.seen.length = 0;
    expect(await openPretrained('zoo/tiny', offline())).toMatchObject({ commit, licence: 'apache-2.0' });
    vi.stubEnv('HF_HUB_OFFLINE', 'true');
    expect(await openPretrained('zoo/tiny', options())).toMatchObject({ commit });
    expect(server.seen).toEqual([]);
    await openPretrained('zoo/tiny', { ...options(), offline: false });
    expect(server.seen.length).toBeGreaterThan(0);
  });

  it('says what the cache lacks', async () => {
    const folder = path.join(cacheFolder, 'models--zoo--tiny');
    const help = 'and offline mode is on (offline or HF_HUB_OFFLINE). Open it once without';
    await expect(openPretrained('zoo/tiny', offline())).rejects.toThrow(
      `openPretrained: zoo/tiny@main: there is nothing of this revision in ${folder}, ${help}`,
    );
    await openPretrained('zoo/tiny', options());
    rmSync(path.join(snapshot(), readlinkSync(path.join(snapshot(), 'model.safetensors'))));
    const error = await openPretrained('zoo/tiny', offline()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'offline', file: 'model.safetensors' });
    expect((error as Error).message).toContain(`model.safetensors: not in ${folder}, ${help}`);
  });

  it('says which shard the cache lacks', async () => {
    server.add('zoo/parts', SHARDED);
    const { folder } = await openPretrained('zoo/parts', options());
    rmSync(path.join(folder, 'model-2-of-2.safetensors'));
    await expect(openPretrained('zoo/parts', offline())).rejects.toMatchObject({ file: 'model-2-of-2.safetensors' });
  });
});
