// Several processes share a cache, and may be killed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPretrained } from '@sifaka/encoders/node';
import { hubServer } from '@sifaka/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { CHECKPOINT, folderMaker, safetensorsOf } from './tiny-checkpoint.js';

const COUNT = 300_000;
const MODEL = Buffer.from(
  safetensorsOf({ w: { dtype: 'F32', shape: [COUNT], data: Array.from({ length: COUNT }, (_, i) => i % 7) } }),
);
const SUM = Array.from({ length: COUNT }, (_, i) => i % 7).reduce((sum, value) => sum + value);
const BLOB = createHash('sha256').update(MODEL).digest('hex');
const PROGRAM = fileURLToPath(new URL('open-pretrained-program.mjs', import.meta.url));

/** Processes that compile their sources start slowly on a busy machine. */
const SLOW = { timeout: 300_000 };

const server = hubServer();
const makeFolder = folderMaker();
let cacheFolder: string;
let commit: string;
const blobs = () => path.join(cacheFolder, 'models--zoo--tiny', 'blobs');
const open = () => openPretrained('zoo/tiny', { endpoint: server.endpoint, cacheFolder, token: false, retries: 0 });
beforeEach(() => {
  cacheFolder = makeFolder();
  commit = server.add('zoo/tiny', { ...CHECKPOINT, 'model.safetensors': MODEL });
});
const start = () =>
  spawn(process.execPath, [PROGRAM, server.endpoint, cacheFolder], { stdio: ['ignore', 'pipe', 'inherit'] });

async function outputOf(child: ReturnType<typeof start>): Promise<string> {
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output;
}

test('processes that download the same model at once all get it, and it is sent once', SLOW, async () => {
  // The weights start to come only when all processes are there.
  const waiting: (() => void)[] = [];
  let asked = 0;
  server.misbehave = (request, response, url) => {
    if (url.includes('/api/') && url.includes('/revision/')) asked++;
    if (url.startsWith('/storage/')) waiting.push(() => server.send(response, MODEL, request.headers.range));
    if (asked === 3) for (const answer of waiting.splice(0)) setTimeout(answer, 300);
    return url.startsWith('/storage/');
  };
  const outputs = await Promise.all([start(), start(), start()].map(outputOf));
  expect(outputs).toEqual(Array(3).fill(`ready\n${commit} ${SUM}\n`));
  expect(server.seen.filter(({ path: url }) => url.startsWith('/storage/'))).toHaveLength(1);
  expect(readdirSync(blobs()).every((name) => /^[0-9a-f]+$/.test(name))).toBe(true);
});

test('a killed download leaves nothing that is taken for whole, and the next call goes on at once', SLOW, async () => {
  const half = Math.floor(MODEL.length / 2);
  const child = start();
  server.misbehave = (_, response, url) => {
    if (!url.startsWith('/storage/')) return false;
    response.writeHead(200, { 'Content-Length': MODEL.length }).write(MODEL.subarray(0, half));
    return true;
  };
  const partial = path.join(blobs(), `${BLOB}.sifaka-incomplete`);
  while (!existsSync(partial) || statSync(partial).size < half) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(existsSync(`${path.join(blobs(), BLOB)}.sifaka-lock`)).toBe(true);
  expect(existsSync(path.join(blobs(), BLOB))).toBe(false);
  const offline = openPretrained('zoo/tiny', { cacheFolder, offline: true });
  await expect(offline).rejects.toMatchObject({ reason: 'offline' });

  server.misbehave = () => false;
  server.seen.length = 0;
  const { folder } = await open();
  expect(server.seen.find(({ path: url }) => url.startsWith('/storage/'))!.range).toBe(`bytes=${half}-`);
  expect(readFileSync(path.join(folder, 'model.safetensors')).equals(MODEL)).toBe(true);
  expect(readdirSync(blobs()).every((name) => /^[0-9a-f]+$/.test(name))).toBe(true);
});

test.each([
  ['another machine that is silent for long', () => `1 not-${hostname()} token`, 40_000],
  ['a process of this machine that is dead', () => `2147483647 ${hostname()} token`, 0],
])('the lock of %s is taken over', async (_, content, age) => {
  const lock = path.join(blobs(), `${BLOB}.sifaka-lock`);
  mkdirSync(blobs(), { recursive: true });
  writeFileSync(lock, content());
  const touched = new Date(Date.now() - age);
  utimesSync(lock, touched, touched);
  await open();
  expect(existsSync(lock)).toBe(false);
});

test('waiting for another process ends when it has the file, and when it is stopped', async () => {
  const lock = path.join(blobs(), `${BLOB}.sifaka-lock`);
  mkdirSync(blobs(), { recursive: true });
  writeFileSync(lock, `${process.pid} ${hostname()} another`);
  const controller = new AbortController();
  const options = { endpoint: server.endpoint, cacheFolder, token: false } as const;
  const stopped = openPretrained('zoo/tiny', { ...options, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 500);
  await expect(stopped).rejects.toThrow('enough');

  const waiting = open();
  setTimeout(() => writeFileSync(path.join(blobs(), BLOB), MODEL), 500);
  expect(await (await waiting).weights.read('w')).toHaveLength(COUNT);
  expect(server.seen.some(({ path: url }) => url.startsWith('/storage/'))).toBe(false);
  expect(existsSync(lock)).toBe(true); // It is not ours.
});

test('two calls in one process share a download', async () => {
  const [first, second] = await Promise.all([open(), open()]);
  expect(first.folder).toBe(second.folder);
  expect(server.sent).toBeLessThan(1.5 * MODEL.length);
});
