import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { inspect } from 'node:util';
import { type OpenPretrainedOptions, openPretrained, PretrainedError } from '@sifaka/encoders/node';
import { seededRandom } from '@sifaka/nn';
import { hubServer, type Misbehaviour, refuse } from '@sifaka/test-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { CHECKPOINT, folderMaker, safetensorsOf } from './tiny-checkpoint.js';

const TOKEN = 'hf_veryVerySecret';
const random = seededRandom(5);
const data = Uint8Array.from({ length: 400_000 }, () => 256 * random());
const MODEL = Buffer.from(safetensorsOf({ w: { dtype: 'F16', shape: [200, 1000], data } }));

const server = hubServer();
const makeFolder = folderMaker();
let cacheFolder: string;
/** Bytes of the weights that the downloading side has. */
let received: number;
beforeEach(() => {
  received = 0;
  cacheFolder = makeFolder();
  server.add('zoo/tiny', { ...CHECKPOINT, 'model.safetensors': MODEL });
});

const open = (options: OpenPretrainedOptions = {}) =>
  openPretrained('zoo/tiny', {
    endpoint: server.endpoint,
    cacheFolder,
    token: TOKEN,
    retries: 1,
    onProgress: (progress) => {
      if (progress.file === 'model.safetensors') received = progress.received;
    },
    ...options,
  });
const hasArrived = (end: number) => received === end;
const blobs = () => {
  const folder = path.join(cacheFolder, 'models--zoo--tiny', 'blobs');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const partial = () => {
  const [name] = blobs().filter((each) => each.endsWith('.sifaka-incomplete'));
  return path.join(cacheFolder, 'models--zoo--tiny', 'blobs', name!);
};

/** Opens a model that cannot be opened. Whatever happened, nothing shows the token, and no lock stays. */
async function failure(options: OpenPretrainedOptions = {}): Promise<PretrainedError> {
  const error = await open(options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PretrainedError);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN);
  expect(blobs().filter((name) => name.endsWith('lock'))).toEqual([]);
  return error as PretrainedError;
}

/** Misbehaves for the weights, on the server that stores them. */
const atWeights =
  (answer: (request: IncomingMessage, response: ServerResponse, count: number) => void): Misbehaviour =>
  (request, response, url) => {
    if (!url.startsWith('/storage/')) return false;
    answer(request, response, server.filesSeen.filter((name) => name === 'model.safetensors').length / 2);
    return true;
  };
const ranges = () => server.seen.filter(({ path }) => path.startsWith('/storage/')).map(({ range }) => range);
async function expectWhole(): Promise<void> {
  const { folder, weights } = await open({ offline: true });
  expect(readFileSync(path.join(folder, 'model.safetensors')).equals(MODEL)).toBe(true);
  expect((await weights.read('w')).length).toBe(200_000);
  expect(blobs().every((name) => /^[0-9a-f]+$/.test(name))).toBe(true);
}

describe('a connection that is cut', () => {
  it('goes on where it ended, as often as bytes arrive', async () => {
    server.misbehave = atWeights((request, response, count) => {
      server.send(response, MODEL, request.headers.range, count < 4 ? 100_000 : undefined, hasArrived);
    });
    await open();
    expect(ranges()).toEqual([undefined, 'bytes=100000-', 'bytes=200000-', 'bytes=300000-']);
    expect(server.sent - MODEL.length).toBeLessThan(10_000);
    await expectWhole();
  });

  it('that brings nothing more is an error, after which the next call goes on', async () => {
    server.misbehave = atWeights((request, response, count) => {
      if (count === 1) server.send(response, MODEL, request.headers.range, 150_000, hasArrived);
      else response.destroy();
    });
    const error = await failure();
    expect(error).toMatchObject({ reason: 'network', source: 'zoo/tiny@main', file: 'model.safetensors' });
    expect(error.message).toMatch(/^openPretrained: zoo\/tiny@main, model\.safetensors: .* \(tried 2 times\)$/);
    expect(statSync(partial()).size).toBe(150_000);
    await expect(open({ offline: true })).rejects.toMatchObject({ reason: 'offline' });
    expect(blobs().some((name) => /^[0-9a-f]{64}$/.test(name))).toBe(false);

    server.misbehave = () => false;
    server.seen.length = 0;
    await open();
    expect(ranges()).toEqual(['bytes=150000-']);
    await expectWhole();
  });

  it('during the list of files is tried again', async () => {
    let left = 2;
    server.misbehave = (_, response, url) => {
      if (!url.includes('/tree/') || left-- <= 0) return false;
      response.writeHead(200, { 'Content-Length': 1000 }).write('[{', () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    await open({ retries: 2 });
    await expectWhole();
    left = 5;
    expect((await failure({ retries: 0 })).message).toContain(
      'zoo/tiny@main, list of files: the connection was cut at',
    );
  });

  it('goes on without ranges too: the file comes again', async () => {
    server.misbehave = atWeights((_, response, count) => {
      server.send(response, MODEL, undefined, count === 1 ? 100_000 : undefined, hasArrived);
    });
    await open();
    expect(ranges()).toEqual([undefined, 'bytes=100000-']);
    await expectWhole();
  });
});

describe('a hub that is away or slow', () => {
  it('is an error with the address; the cache is not used in silence', async () => {
    const endpoint = 'http://127.0.0.1:9'; // The discard port, where nobody listens.
    const error = await failure({ endpoint });
    expect(error).toMatchObject({ reason: 'network', status: undefined, file: 'list of files' });
    expect(error.message).toMatch(/cannot reach the hub at http:\/\/127\.0\.0\.1:9 \(.+\) \(tried 2 times\)$/);
    await open();
    expect((await failure({ endpoint })).message).toMatch(
      /\(tried 2 times\)\. The cache has this revision: offline: true \(HF_HUB_OFFLINE=1\) opens it$/,
    );
    await expectWhole();
  });

  it('is given up when it sends nothing for too long', async () => {
    server.misbehave = () => true;
    expect((await failure({ timeoutSeconds: 0.2, retries: 0 })).message).toBe(
      `openPretrained: zoo/tiny@main, list of files: ${server.endpoint} sent nothing for 0.2 seconds`,
    );
  });

  it('may stop in the middle of a file', async () => {
    server.misbehave = atWeights((request, response, count) => {
      if (count > 1) server.send(response, MODEL, request.headers.range);
      else response.writeHead(200, { 'Content-Length': MODEL.length }).write(MODEL.subarray(0, 50_000));
    });
    await open({ timeoutSeconds: 3, retries: 3 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
    await expectWhole();
  });

  it('can be stopped, and what has arrived is kept', async () => {
    server.misbehave = atWeights((_, response) => {
      response.writeHead(200, { 'Content-Length': MODEL.length }).write(MODEL.subarray(0, 50_000));
    });
    const controller = new AbortController();
    const stopped = open({
      signal: controller.signal,
      onProgress: ({ file, received }) => {
        if (file === 'model.safetensors' && received === 50_000) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(statSync(partial()).size).toBe(50_000);
    server.misbehave = () => false;
    await open();
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
    await expectWhole();
  });

  it('can be stopped while it is waited for', async () => {
    const controller = new AbortController();
    server.misbehave = (_, response) => {
      refuse(response, 503, '', { 'Retry-After': '50' });
      setTimeout(() => controller.abort(new Error('enough')), 100);
      return true;
    };
    await expect(open({ signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('answers other than success', () => {
  const always =
    (status: number, code?: string, headers?: Record<string, string>): Misbehaviour =>
    (_, response) => {
      refuse(response, status, code, { ...headers, 'X-Echo': TOKEN });
      return true;
    };

  it.each([
    [
      401,
      '',
      'denied',
      /answered 401\. The repository is private or gated, or there is none .*The token has no access/,
    ],
    [
      403,
      'GatedRepo',
      'denied',
      /answered 403\..* Accept the model's conditions at http:.*\/zoo\/tiny, or use another/,
    ],
    [404, 'RepoNotFound', 'missing', /answered 404\. There is no such repository or revision at http:/],
    [
      404,
      'RevisionNotFound',
      'missing',
      /answered 404\. There is no revision main\. See http:.*\/zoo\/tiny\/tree\/main/,
    ],
    [418, '', 'network', /answered 418\. Try later, or set HF_ENDPOINT to a mirror$/],
  ])('%i %s is not tried again', async (status, code, reason, message) => {
    server.misbehave = always(status, code);
    const error = await failure();
    expect(error).toMatchObject({ reason, status, file: 'list of files' });
    expect(error.message).toMatch(message);
    expect(server.seen).toHaveLength(1);
  });

  it('401 without a token says how to get one', async () => {
    server.misbehave = always(401);
    expect((await failure({ token: false })).message).toMatch(/then set HF_TOKEN, pass token, or run hf auth login$/);
  });

  it('429 and 503 are tried again when the hub says', async () => {
    let refused = 0;
    server.misbehave = (_, response) => {
      if (refused === 3) return false;
      const when = refused === 1 ? new Date(Date.now() - 5000).toUTCString() : '0';
      refuse(response, refused++ === 2 ? 503 : 429, '', { 'Retry-After': when });
      return true;
    };
    await open({ retries: 3 });
    await expectWhole();
  });

  it('429 that stays is an error, at once if the wait is long', async () => {
    server.misbehave = always(429, '', { 'Retry-After': '0' });
    expect((await failure()).message).toMatch(/the hub answered 429: too many requests \(tried 2 times\)$/);
    expect((await failure({ token: false })).message).toContain('A token (HF_TOKEN) raises the limit');
    server.seen.length = 0;
    server.misbehave = always(429, '', { 'Retry-After': '3600' });
    const error = await failure({ retries: 9 });
    expect(error).toMatchObject({ reason: 'network', status: 429 });
    expect(error.message).toMatch(/It asks to wait 3600 seconds$/);
    expect(server.seen).toHaveLength(1);
  });

  it('are told for files too', async () => {
    server.misbehave = atWeights((_, response) => refuse(response, 404, 'EntryNotFound'));
    expect((await failure()).message).toBe(
      'openPretrained: zoo/tiny@main, model.safetensors: the hub answered 404. The revision has no such file',
    );
  });

  it.each(['<html>Sign in to this Wi-Fi</html>', '[]', '{"sha":"../../main"}', 'null'])(
    '%s is no hub',
    async (body) => {
      server.misbehave = (_, response) => {
        response.end(body);
        return true;
      };
      expect((await failure()).message).toMatch(
        /^openPretrained: zoo\/tiny@main, list of files: expected .*HF_ENDPOINT/,
      );
    },
  );
});

describe('a file that is not what the hub listed', () => {
  const wanted = `expected ${MODEL.length} bytes, as the hub lists, got`;

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['shorter', (response) => response.end(MODEL.subarray(1)), `${wanted} ${MODEL.length - 1}. Try again, or a mirror`],
    ['longer', (response) => response.end(Buffer.concat([MODEL, MODEL])), `${wanted} ${2 * MODEL.length}.`],
    [
      'longer, without saying so',
      (response) => {
        response.write(MODEL);
        response.end('more');
      },
      `${wanted} more.`,
    ],
    ['of the same length', (response) => response.end(Buffer.alloc(MODEL.length)), 'expected content of SHA-256 '],
  ])('%s is an error, and is not kept as whole', async (_, answer, message) => {
    server.misbehave = atWeights((_, response) => answer(response));
    const error = await failure();
    expect(error).toMatchObject({ reason: 'network', file: 'model.safetensors' });
    expect(error.message).toContain(message);
    expect(blobs().some((name) => /^[0-9a-f]{64}$/.test(name))).toBe(false);
    server.misbehave = () => false;
    await open();
    await expectWhole();
  });

  it('shorter, without saying so, is a cut', async () => {
    server.misbehave = atWeights((_, response) => {
      response.write(MODEL.subarray(0, 9));
      response.end();
    });
    expect((await failure()).message).toContain(`the connection was cut after 9 of ${MODEL.length} bytes`);
  });

  it('in another part than asked for is an error', async () => {
    server.misbehave = atWeights((request, response, count) => {
      if (count === 1) server.send(response, MODEL, request.headers.range, 1000, hasArrived);
      else server.send(response, MODEL, 'bytes=7-');
    });
    expect((await failure()).message).toContain(`expected bytes from 1000, got bytes 7-`);
    server.misbehave = atWeights((_, response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 1000-1999/2000' }).end(MODEL.subarray(1000, 2000));
    });
    expect((await failure()).message).toContain(`${wanted} 2000.`);
  });

  it('comes again if the bytes of an earlier call were wrong', async () => {
    server.misbehave = atWeights((_, response) => response.destroy());
    await failure();
    for (const stale of [Buffer.alloc(1000), Buffer.alloc(MODEL.length), Buffer.alloc(MODEL.length + 1)]) {
      cacheFolder = makeFolder();
      server.misbehave = atWeights((_, response) => response.destroy());
      await failure();
      writeFileSync(partial(), stale);
      server.misbehave = () => false;
      await open();
      await expectWhole();
    }
  });
});
