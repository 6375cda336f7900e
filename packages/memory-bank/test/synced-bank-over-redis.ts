import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { SyncedBank } from '@sifaka/memory-bank';
import { RedisStore } from '@sifaka/memory-bank/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, RedisServer } from './redis-server.js';

const FAST = { delayMs: 1, retryMs: 5, longestRetryMs: 20 };
const ITEMS = Array.from({ length: 200 }, (_, i) => i);

/**
 * Program of a separate process, on the built package: writes items in steps, prints `written`, waits for a line, and
 * prints its rows.
 */
const WRITER = `
  import { createInterface } from 'node:readline';
  import { SyncedBank } from '@sifaka/memory-bank';
  import { RedisStore } from '@sifaka/memory-bank/redis';
  const [url, name] = process.argv.slice(1);
  const store = await RedisStore.open({ dim: 2, url, prefix: 'shared' });
  const synced = await SyncedBank.open({ store, ...${JSON.stringify(FAST)}, onWarning: () => {} });
  console.log('ready');
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  await lines.next();
  const items = Array.from({ length: 200 }, (_, i) => i);
  for (let step = 0; step < 150; step++) {
    const ids = items.filter((id) => (id * 7 + step * Number(name)) % 5 === 0);
    synced.write(ids, new Float32Array(ids.length * 2).fill(step + Number(name) / 10), step);
    if (step % 10 === 0) await synced.prefetch(ids);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const flushed = () => synced.flush().then(() => true, () => new Promise((resolve) => setTimeout(resolve, 5, false)));
  while (!(await flushed()));
  console.log('written');
  await lines.next();
  await synced.prefetch(items);
  const { vectors, steps, versions } = synced.local.rows(items);
  console.log(JSON.stringify([vectors, steps, versions].map((values) => Array.from(values))));
  await synced.close();
  await store.close();
  process.exit();
`;

function startWriter(url: string, name: number) {
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, url, String(name)], {
    cwd: new URL('..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
  return {
    nextLine: async () => (await lines.next()).value as string,
    go: () => writer.stdin.write('\n'),
    ended: once(writer, 'exit'),
  };
}

/** Tests of a synced bank with a real server. They run if `SIFAKA_TEST_REDIS` names one. */
export function syncedBankOverRedis(): void {
  describe(`SyncedBank and a ${PROGRAM} that is killed during a run`, () => {
    const server = new RedisServer();
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it.each(['keeps', 'has lost'])('a server that %s its data ends up with every row', async (data) => {
      const warnings: string[] = [];
      const store = await RedisStore.open({ dim: 2, url: server.socket, prefix: data });
      const synced = await SyncedBank.open({ store, ...FAST, onWarning: (text) => warnings.push(text) });
      for (let step = 0; step < 120; step++) {
        const ids = ITEMS.filter((id) => (id + step) % 7 === 0);
        synced.write(ids, new Float32Array(ids.length * 2).fill(step), step);
        expect(synced.local.read(ids).vectors[0]).toBe(step);
        if (step % 20 === 0) await synced.prefetch(ids);
        if (step === 40) {
          await server.kill();
          if (data === 'has lost') server.clear();
        }
        if (step === 80) {
          await expect.poll(() => synced.metrics.away).toBe(true);
          await server.start();
        }
        await wait(1);
      }
      await expect.poll(() => synced.metrics.pending, { timeout: 10_000 }).toBe(0);
      expect(synced.metrics.away).toBe(false);
      expect(warnings).toEqual([expect.stringContaining(`RedisStore ${server.socket}: the server is away`)]);
      expect(await store.read(ITEMS)).toEqual(synced.local.rows(ITEMS));
      await synced.close();
      await store.close();
    });
  });

  describe(`two processes and one ${PROGRAM}`, () => {
    const server = new RedisServer();
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it('end up in agreement, although the server was killed while both wrote', async () => {
      const writers = [startWriter(server.socket, 1), startWriter(server.socket, 2)];
      for (const writer of writers) expect(await writer.nextLine()).toBe('ready');
      for (const writer of writers) writer.go();
      await wait(50);
      await server.kill();
      await wait(50);
      await server.start();
      for (const writer of writers) expect(await writer.nextLine()).toBe('written');
      for (const writer of writers) writer.go();
      const held = await Promise.all(writers.map((writer) => writer.nextLine()));
      await Promise.all(writers.map((writer) => writer.ended));
      const store = await RedisStore.open({ dim: 2, url: server.socket, prefix: 'shared' });
      const { vectors, steps, versions } = await store.read(ITEMS);
      await store.close();
      expect(steps).toHaveLength(200);
      for (const rows of held) {
        expect(JSON.parse(rows)).toEqual([vectors, steps, versions].map((values) => Array.from(values)));
      }
    });
  });
}
