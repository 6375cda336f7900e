import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { BankRows } from '@sifaka/memory-bank';
import { RedisStore, RedisStoreError, type RedisStoreOptions } from '@sifaka/memory-bank/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, RedisServer } from './redis-server.js';
import { storeContract } from './store-contract.js';
import { syncedBankOverRedis } from './synced-bank-over-redis.js';

/** Rows in which every value is the version, so that a torn row is visible. */
function rowsOf(ids: readonly number[], version: number, dim = 4): BankRows {
  return {
    ids: Int32Array.from(ids),
    vectors: new Float32Array(ids.length * dim).fill(version),
    steps: new Int32Array(ids.length).fill(version),
    versions: new Int32Array(ids.length).fill(version),
  };
}

describe('RedisStore without a server', () => {
  it('names the server that it cannot reach, and the reason', async () => {
    const socket = '/nowhere/redis.sock';
    const error = await RedisStore.open({ dim: 4, url: socket }).catch((reason: unknown) => reason);
    expect(RedisStoreError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ server: socket });
    expect(String(error)).toMatch(/^RedisStoreError: RedisStore \/nowhere\/redis.sock: the server is away \(.*ENOENT/);
  });

  it('omits user and password from its messages', async () => {
    const url = 'redis://ann:secret@127.0.0.1:1/0';
    await expect(RedisStore.open({ dim: 4, url })).rejects.toThrow(
      /^RedisStore redis:\/\/127\.0\.0\.1:1: the server is away/,
    );
  });

  it('refuses a width of 0', async () => {
    await expect(RedisStore.open({ dim: 0 })).rejects.toThrow('RedisStore: expected a positive dim, got 0');
  });

  const EXPECTED =
    'RedisStore: url: expected redis://user:password@host:port/database, rediss://… or the path of a socket';
  it.each([
    ['valkey://app:TOP/SECRET@127.0.0.1:1', `${EXPECTED}, got the scheme valkey://`],
    ['TOPSECRET://x@127.0.0.1', EXPECTED, /TOPSECRET(?!:)/],
    [':TOPSECRET@127.0.0.1:1', `${EXPECTED}, got a text without redis:// or rediss://`],
    ['//:TOPSECRET@127.0.0.1:1', 'got a text without redis:// or rediss://'],
    ['localhost:6379', 'got a text without redis:// or rediss://'],
    ['redis://:TOP/SECRET@127.0.0.1:1', 'Encode user and password with encodeURIComponent'],
    ['redis://app:12/SECRET@127.0.0.1:1', 'got an @ after the host. Encode user and password'],
    ['redis://app:12?SECRET@127.0.0.1:1', 'got an @ after the host. Encode user and password'],
    ['redis://app:12#SECRET@127.0.0.1:1', 'got an @ after the host. Encode user and password'],
    ['redis://app:12#SECRET', 'got a #. Encode user and password'],
    ['redis://:TOP#SECRET@127.0.0.1:1', 'got a text that is not a URL. Encode user and password'],
    ['redis://:TOP%SECRET@127.0.0.1:1', 'got a % without two digits after it. Encode user and password'],
    ['redis://TOP%SECRET@127.0.0.1:1', 'got a % without two digits after it. Encode user and password'],
    ['redis://:T@OP/SE:CRET@127.0.0.1:1', 'got an @ after the host. Encode user and password'],
    ['redis://:TOPSECRET@[::1/0', 'got a text that is not a URL. Encode user and password'],
    ['redis://:TOPSECRET@127.0.0.1:99999', 'got a text that is not a URL. Encode user and password'],
    ['redis://:TOPSECRET@/0', 'got a text that is not a URL'],
    ['redis://127.0.0.1:1?password=TOPSECRET', 'got a query other than ?family=4 or 6: use the option connection'],
    ['redis://127.0.0.1:1?family=5', 'got a query other than ?family=4 or 6'],
    ['/run/redis.sock?password=TOPSECRET', 'got a query after it: use the option connection'],
    [5 as unknown as string, `${EXPECTED}, got number`],
  ])('refuses the address %s without quoting it', async (url, message, leak: RegExp = /SECRET|TOP|OP:|CRET/) => {
    const error = await RedisStore.open({ dim: 4, url, timeoutMs: 500 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toContain(message);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(leak);
  });

  it.each([
    ['redis://:TOP%2FSECRET@127.0.0.1:1', 'redis://127.0.0.1:1'],
    ['redis://ann:TOP%40SECRET@[::1]:1/3', 'redis://[::1]:1'],
    ['rediss://:TOPSECRET@127.0.0.1:1?family=4', 'rediss://127.0.0.1:1'],
    ['REDIS://:TOPSECRET@127.0.0.1:1/', 'redis://127.0.0.1:1'],
  ])('connects to the address %s and hides its password', async (url, server) => {
    const error = await RedisStore.open({ dim: 4, url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RedisStoreError', server });
    expect(String(error)).toMatch(`RedisStore ${server}: the server is away (`);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/SECRET/);
  });

  it.each([
    ['abc', { url: 'redis://:TOPSECRET@127.0.0.1:1/abc' }],
    ['1.5', { url: 'redis://127.0.0.1:1/1.5' }],
    ['-1', { url: 'redis://127.0.0.1:1/-1' }],
    ['0/1', { url: 'redis://127.0.0.1:1/0/1' }],
    ['NaN', { url: 'redis://127.0.0.1:1', connection: { db: Number.NaN } }],
    ['-1', { url: 'redis://127.0.0.1:1/2', connection: { db: -1 } }],
  ])('refuses the database %s', async (database, options) => {
    const error = await RedisStore.open({ dim: 4, ...options }).catch((reason: unknown) => reason);
    expect(RedisStoreError.isInstance(error)).toBe(true);
    expect(String(error)).toBe(
      `RedisStoreError: RedisStore redis://127.0.0.1:1: expected a database number from 0, got ${database}`,
    );
  });
});

// These need a server and the built package: `SIFAKA_TEST_REDIS=redis-server`, as in CI.
if (PROGRAM !== undefined) {
  syncedBankOverRedis();

  let banks = 0;

  for (const storage of ['float32', 'float16', 'int8'] as const) {
    const server = new RedisServer();
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());
    storeContract(`RedisStore, ${storage}`, (dim) => {
      return RedisStore.open({ dim, storage, url: server.socket, prefix: `bank${banks++}` });
    });
  }

  describe(`RedisStore on ${PROGRAM}`, () => {
    const server = new RedisServer();
    const url = server.socket;
    const raw = new Redis(url, { lazyConnect: true });
    const scanned = async (store: RedisStore): Promise<number> => {
      let rows = 0;
      for await (const { ids } of store.scan()) rows += ids.length;
      return rows;
    };
    beforeAll(async () => {
      await server.start();
      await raw.connect();
    });
    afterAll(async () => {
      raw.disconnect();
      await server[Symbol.asyncDispose]();
    });

    /** Runs a test with a store that has its own prefix, then closes the store. */
    async function withStore(
      body: (store: RedisStore, prefix: string) => Promise<void>,
      options: Partial<RedisStoreOptions> = {},
    ): Promise<void> {
      const prefix = `test${banks++}`;
      const store = await RedisStore.open({ dim: 4, url, prefix, ...options });
      await body(store, prefix).finally(() => store.close());
    }
    const opening = (prefix: string, options: Partial<RedisStoreOptions> = {}) =>
      RedisStore.open({ dim: 4, url, prefix, ...options });

    it('keeps a bank in two keys, created by the first write', async () => {
      await withStore(async (store, prefix) => {
        expect(await server.command('KEYS', `{${prefix}}*`)).toEqual([]);
        await store.write(rowsOf([7, 8], 1));
        expect(((await server.command('KEYS', `{${prefix}}*`)) as string[]).sort()).toEqual([
          `{${prefix}}:format`,
          `{${prefix}}:rows`,
        ]);
        expect(await server.command('GET', `{${prefix}}:format`)).toBe('sifaka-bank 2 dim=4 storage=float32');
        // Version, its inverse, step; values; checksum.
        expect(await server.command('HSTRLEN', `{${prefix}}:rows`, '7')).toBe(3 * 4 + 4 * 4 + 4);
      });
    });

    it('adopts the storage of an existing bank', async () => {
      await withStore(
        async (store, prefix) => {
          await store.write(rowsOf([1], 1));
          const again = await opening(prefix);
          expect(again.storage).toBe('int8');
          expect(await again.read([1])).toEqual(rowsOf([1], 1));
          await again.close();
        },
        { storage: 'int8' },
      );
    });

    it('refuses a bank of another width or storage, at opening and after another store wrote first', async () => {
      await withStore(async (store, prefix) => {
        const early = await opening(prefix, { dim: 5 });
        await store.write(rowsOf([1], 1));
        const found = `key {${prefix}}:format: expected sifaka-bank 2 dim=5 storage=float32, got sifaka-bank 2 dim=4 storage=float32`;
        await expect(opening(prefix, { dim: 5 })).rejects.toThrow(found);
        await expect(early.write(rowsOf([1], 2, 5))).rejects.toThrow(found);
        await expect(early.read([1])).rejects.toThrow(
          `key {${prefix}}:rows, item 1: expected 36 bytes (dim 5, float32), got 32`,
        );
        await early.close();
        await expect(opening(prefix, { storage: 'float16' })).rejects.toThrow('storage=float16, got');
      });
    });

    it('refuses keys with other data', async () => {
      await server.command('SET', '{string}:rows', 'x');
      await expect(opening('string')).rejects.toThrow('key {string}:rows: expected a hash, got a string');
      await server.command('LPUSH', '{list}:format', 'x');
      await expect(opening('list')).rejects.toThrow('key {list}:format: expected a string, got a list');
      await server.command('HSET', '{hash}:rows', '1', 'x');
      await expect(opening('hash')).rejects.toThrow(
        'key {hash}:format: expected the format of {hash}:rows, got nothing',
      );
      await withStore(async (store, prefix) => {
        await server.command('SET', `{${prefix}}:rows`, 'x');
        const reason = `key {${prefix}}:rows: expected a hash, got another type`;
        await expect(store.write(rowsOf([1], 1))).rejects.toThrow(reason);
        await expect(store.read([1])).rejects.toThrow(reason);
      });
    });

    it('names an item with damaged bytes, and writes nothing of a call that contains it', async () => {
      await withStore(async (store, prefix) => {
        await store.write(rowsOf([1, 2, 3], 1));
        await server.command('HSET', `{${prefix}}:rows`, '2', Buffer.from([1, 2, 3]));
        const reason = 'item 2: expected 32 bytes (dim 4, float32), got 3';
        await expect(store.write(rowsOf([1, 2, 3], 2))).rejects.toThrow(reason);
        await expect(store.read([2])).rejects.toThrow(reason);
        expect(await store.read([1, 3])).toEqual(rowsOf([1, 3], 1));
      });
    });

    it('names an item with a flipped bit, and does not trust its version', async () => {
      await withStore(async (store, prefix) => {
        await store.write(rowsOf([1, 2, 3], 5));
        const key = `{${prefix}}:rows`;
        const field = Buffer.from('2');
        const row = (await raw.hgetBuffer(key, field))!;
        for (const at of [0, 4, 8, 13, row.length - 1]) {
          const damaged = Buffer.from(row);
          damaged[at]! ^= 64;
          await server.command('HSET', key, '2', damaged);
          const reason = `key ${key}, item 2: its checksum differs from its bytes: the row is damaged. Try: store.remove([2])`;
          await expect(store.read([1, 2])).rejects.toThrow(reason);
          await expect(scanned(store)).rejects.toThrow(reason);
          if (at < 8) await expect(store.write(rowsOf([1, 2], 4))).rejects.toThrow(reason);
          expect(await store.read([1, 3])).toEqual(rowsOf([1, 3], 5));
        }
        await store.write(rowsOf([2], 70)); // A larger version replaces a damaged row.
        expect(await store.read([2])).toEqual(rowsOf([2], 70));
        await store.write(rowsOf([2], 6)); // The checksum of the newer row is right, so this one is late.
        expect(await store.read([2])).toEqual(rowsOf([2], 70));
        await server.command('HSET', key, '3', row); // The row of another item.
        await expect(store.read([3])).rejects.toThrow('item 3: its checksum differs');
        await store.remove([3]);
        await server.command('HSET', key, '04', row);
        await expect(scanned(store)).rejects.toThrow(`key ${key}: expected an item id, got field "04"`);
      });
    });

    it('refuses a bank without checksums', async () => {
      await server.command('SET', '{old}:format', 'sifaka-bank 1 dim=4 storage=float32');
      await expect(opening('old')).rejects.toThrow(
        'expected sifaka-bank 2 dim=4 storage=float32, got sifaka-bank 1 dim=4',
      );
    });

    it('works after the server lost its script', async () => {
      await withStore(async (store) => {
        await store.write(rowsOf([1], 1));
        await server.command('SCRIPT', 'FLUSH');
        await store.write(rowsOf([1], 2));
        expect(await store.read([1])).toEqual(rowsOf([1], 2));
      });
    });

    it('keeps the largest version of each item among concurrent writers, none torn', async () => {
      await withStore(async (store, prefix) => {
        const writers = [store, await opening(prefix), await opening(prefix), await opening(prefix)];
        const ids = Array.from({ length: 50 }, (_, i) => i);
        const versions = Array.from({ length: 40 }, (_, i) => ((i * 17) % 40) + 1); // Each of 1 … 40, in mixed order.
        await Promise.all(versions.map((version, i) => writers[i % 4]!.write(rowsOf(ids, version))));
        expect(await store.read(ids)).toEqual(rowsOf(ids, 40));
        for (const writer of writers.slice(1)) await writer.close();
      });
    });

    it('scans more rows than a batch', async () => {
      await withStore(async (store) => {
        const ids = Array.from({ length: 2500 }, (_, i) => i * 3);
        await store.write(rowsOf(ids, 1));
        const seen: number[] = [];
        for await (const rows of store.scan(100)) {
          expect(rows.ids.length).toBeLessThanOrEqual(100);
          seen.push(...rows.ids);
        }
        expect(seen.sort((a, b) => a - b)).toEqual(ids);
      });
    });

    it('does not wait for a paused server', async () => {
      await withStore(
        async (store) => {
          server.pause();
          await expect(store.write(rowsOf([1], 1))).rejects.toThrow(`RedisStore ${url}: no answer in 100 ms`);
          server.resume();
          await store.write(rowsOf([1], 1));
        },
        { timeoutMs: 100 },
      );
    });

    it('refuses a server that may evict the bank', async () => {
      const configure = (name: string, value: string) => server.command('CONFIG', 'SET', name, value);
      await configure('maxmemory', '100mb');
      await configure('maxmemory-policy', 'allkeys-lru');
      await expect(opening('evicted')).rejects.toThrow(
        'maxmemory-policy allkeys-lru could evict the whole bank at once: expected noeviction or volatile-*. Try: redis-cli',
      );
      await configure('maxmemory', '0');
      await configure('maxmemory-policy', 'noeviction');
    });

    it('names the missing package', () => {
      const dist = path.join(server.folder, 'dist'); // The built package, in a folder without ioredis.
      cpSync(new URL('../dist', import.meta.url), dist, { recursive: true });
      const program = `const { RedisStore } = await import('${pathToFileURL(dist).href}/stores/redis/index.js');
        await RedisStore.open({ dim: 4 }).catch((error) => console.log(error.message));`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
      expect(stdout.trim()).toBe(
        'RedisStore redis://127.0.0.1:6379: the package ioredis does not load. Try: npm install ioredis',
      );
    });
  });

  describe(`RedisStore on a ${PROGRAM} with four databases`, () => {
    const server = new RedisServer(['--databases', '4']);
    const open = (db: number) => RedisStore.open({ dim: 4, url: server.socket, connection: { db } });
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it('uses its database only', async () => {
      const store = await open(3);
      await store.write(rowsOf([1, 2], 1));
      const other = await open(0);
      expect([await store.count(), await other.count()]).toEqual([2, 0]);
      await store.close();
      await other.close();
    });

    it('refuses a database that the server does not have', async () => {
      await expect(open(4)).rejects.toThrow(
        `RedisStore ${server.socket}: the server refuses database 4 (ERR DB index is out of range)`,
      );
    });

    it('does not use another database after the server restarted with fewer', async () => {
      const store = await open(3);
      await server.kill();
      server.clear();
      await server.start(['--databases', '2']);
      const refused = () => store.write(rowsOf([1], 1)).then(String, String);
      await expect.poll(refused).toContain('the server refuses database 3 (ERR DB index is out of range)');
      const zero = await open(0);
      expect(await zero.count()).toBe(0);
      await zero.close();
      await store.close();
    });
  });

  describe(`RedisStore on a ${PROGRAM} with a password`, () => {
    const server = new RedisServer(['--requirepass', 'right', '--rename-command', 'EVALSHA', '']);
    const open = (password?: string) =>
      RedisStore.open({ dim: 4, url: server.socket, connection: password === undefined ? {} : { password } });
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it('reports refused credentials', async () => {
      await expect(open()).rejects.toThrow(/the server refuses these credentials \(NOAUTH/);
      await expect(open('wrong')).rejects.toThrow(/the server refuses these credentials \(.*WRONGPASS/);
    });

    it('does not keep credentials or rows in its errors', async () => {
      const error = await open('TOPSECRET').catch((reason: unknown) => reason);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/TOPSECRET/);
      const store = await open('right');
      const refusal = await store.write(rowsOf([1], 1)).catch((reason: unknown) => reason);
      expect((refusal as Error).cause).not.toHaveProperty('command');
      expect(inspect(refusal, { depth: 9 })).not.toContain('sifaka-bank 2');
      await store.close();
    });

    it('names the command that the server lacks', async () => {
      const store = await open('right');
      await expect(store.write(rowsOf([1], 1))).rejects.toThrow(/the server lacks a command .*EVALSHA/i);
      await store.close();
    });
  });

  describe(`RedisStore on a ${PROGRAM} without AUTH`, () => {
    const server = new RedisServer([
      '--requirepass',
      'right',
      '--rename-command',
      'AUTH',
      '',
      '--rename-command',
      'HELLO',
      '',
    ]);
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it('does not repeat the password that the server quotes', async () => {
      const options = { dim: 4, url: server.socket, connection: { password: 'TOPSECRET' } };
      const error = await RedisStore.open(options).catch((reason: unknown) => reason);
      expect(String(error)).toMatch(/unknown command|NOAUTH/);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/TOPSECRET/);
    });
  });

  describe(`RedisStore on a ${PROGRAM} that is killed`, () => {
    const server = new RedisServer();
    beforeAll(() => server.start());
    afterAll(() => server[Symbol.asyncDispose]());

    it('fails at once, and has every acknowledged write after a restart, none torn', async () => {
      const store = await RedisStore.open({ dim: 4, url: server.socket });
      const ids = Array.from({ length: 300 }, (_, i) => i);
      const before = await store.incarnation();
      let acknowledged = 0;
      const writing = (async () => {
        for (let version = 1; ; version++) {
          await store.write(rowsOf(ids, version));
          acknowledged = version;
          if (version === 20) void server.kill();
        }
      })();
      await expect(writing).rejects.toThrow(`RedisStore ${server.socket}: the server is away`);
      await expect(store.count()).rejects.toThrow('the server is away');

      await server.start();
      await expect.poll(() => store.count().catch(() => 0)).toBe(300);
      const rows = await store.read(ids);
      expect(rows.versions[0]).toBeGreaterThanOrEqual(acknowledged);
      expect(rows).toEqual(rowsOf(ids, rows.versions[0]!));
      expect(await store.incarnation()).not.toBe(before);
      await store.close();
    });
  });
}
