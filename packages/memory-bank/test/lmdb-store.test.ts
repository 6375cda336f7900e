import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BankRows, VectorStorage } from '@sifaka/memory-bank';
import { LmdbStore, LmdbStoreError } from '@sifaka/memory-bank/lmdb';
import { seededRandom } from '@sifaka/nn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeContract } from './store-contract.js';

let folder: string;
let stores = 0;
const newPath = () => path.join(folder, `store-${stores++}`);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lmdb-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

for (const storage of ['float32', 'float16', 'int8'] satisfies VectorStorage[]) {
  storeContract(`LmdbStore, ${storage},`, (dim) => LmdbStore.open({ path: newPath(), dim, storage }));
}

const row = (id: number, values: readonly number[], version = 1): BankRows => ({
  ids: Int32Array.of(id),
  vectors: Float32Array.from(values),
  steps: Int32Array.of(5),
  versions: Int32Array.of(version),
});

describe('LmdbStore', () => {
  it('keeps its rows and storage when reopened', async () => {
    const where = newPath();
    const store = await LmdbStore.open({ path: where, dim: 2, storage: 'float16' });
    await store.write(row(7, [1.5, -2]));
    await store.close();
    const again = await LmdbStore.open({ path: where, dim: 2 });
    expect(again.storage).toBe('float16');
    expect(await again.read([7])).toEqual(row(7, [1.5, -2]));
    await again.close();
  });

  it("may be open twice: each sees the other's rows, and the larger version wins", async () => {
    const where = newPath();
    const one = await LmdbStore.open({ path: where, dim: 1 });
    const other = await LmdbStore.open({ path: where, dim: 1 });
    await one.write(row(1, [3], 3));
    await other.write(row(1, [2], 2));
    await other.write(row(2, [9], 1));
    await new Promise((resolve) => setImmediate(resolve)); // A read transaction lasts for a turn of the event loop.
    expect(await one.read([1, 2])).toMatchObject({ vectors: Float32Array.of(3, 9), versions: Int32Array.of(3, 1) });
    await one.close();
    await other.close();
  });

  it.each([
    ['another width', { dim: 3 }, 'expected a store of dim 3, got one of 2'],
    ['another storage', { dim: 2, storage: 'int8' as const }, 'expected a store of storage int8, got one of float32'],
  ])('refuses a store of %s', async (_, options, message) => {
    const where = newPath();
    await (await LmdbStore.open({ path: where, dim: 2 })).close();
    const error = await LmdbStore.open({ path: where, ...options }).catch((reason: unknown) => reason);
    expect(LmdbStoreError.isInstance(error)).toBe(true);
    expect(String(error)).toBe(`LmdbStoreError: LmdbStore ${where}: ${message}`);
  });

  it('refuses a path that is a file', async () => {
    const file = newPath();
    await writeFile(file, 'a file');
    await expect(LmdbStore.open({ path: file, dim: 2 })).rejects.toThrow(
      `LmdbStore ${file}: the folder cannot be opened (`,
    );
  });

  it('refuses a width of 0', async () => {
    await expect(LmdbStore.open({ path: newPath(), dim: 0 })).rejects.toThrow(
      'LmdbStore: expected a positive dim, got 0',
    );
  });
});

it('may be opened again, by another path too, while it is written to', async () => {
  const program = fileURLToPath(new URL('lmdb-open-twice.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, newPath()], { timeout: 30_000 });
  expect(stdout).toBe('true true true');
});

it('shares no store with one that has another file in the same folder', async () => {
  const where = newPath();
  const removed = await LmdbStore.open({ path: where, dim: 1 });
  await removed.write(row(1, [3]));
  await rm(where, { recursive: true });
  const fresh = await LmdbStore.open({ path: where, dim: 2 });
  expect([await fresh.count(), await removed.count()]).toEqual([0, 1]);
  await removed.close();
  await fresh.close();
});

describe('LmdbStore with a killed writer', () => {
  const DIM = 64;

  /**
   * Starts a writer and kills it `afterMs` after its first acknowledgement. @returns the acknowledged calls, in order.
   */
  async function writeAndKill(where: string, first: number, afterMs: number): Promise<number[]> {
    const program = fileURLToPath(new URL('lmdb-writer.mjs', import.meta.url));
    const writer = spawn(process.execPath, [program, where, String(DIM), 'float32', String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      if (output === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
      output += chunk.toString();
    });
    const signal = await new Promise((resolve) => writer.on('close', (_, by) => resolve(by)));
    expect(signal).toBe('SIGKILL');
    const lines = output.split('\n').slice(0, -1); // An incomplete last line was cut off by the kill.
    return lines.map(Number);
  }

  it('has every acknowledged write, and each write completely or not at all', async () => {
    const where = newPath();
    const random = seededRandom(4);
    const acknowledged: number[] = [];
    for (let kill = 0; kill < 4; kill++) {
      acknowledged.push(...(await writeAndKill(where, 1000 * kill + 1, 200 * random())));
      const store = await LmdbStore.open({ path: where, dim: DIM });
      const ownRows = new Map<number, number>();
      for await (const { ids, vectors, steps, versions } of store.scan()) {
        ids.forEach((id, i) => {
          const call = versions[i]!;
          const values = vectors.subarray(i * DIM, (i + 1) * DIM);
          if (steps[i] !== call || values.some((value) => value !== call)) throw new Error(`item ${id} is torn`);
          if (id >= 40) ownRows.set(Math.floor(id / 100), (ownRows.get(Math.floor(id / 100)) ?? 0) + 1);
        });
      }
      expect(acknowledged.filter((call) => ownRows.get(call) !== 10)).toEqual([]);
      expect([...ownRows.values()].filter((count) => count !== 10)).toEqual([]);
      const shared = await store.read(Array.from({ length: 40 }, (_, i) => i));
      expect(new Set(shared.versions)).toEqual(new Set([Math.max(...ownRows.keys())]));
      await store.close();
    }
    expect(acknowledged.length).toBeGreaterThan(4);
  });
});
