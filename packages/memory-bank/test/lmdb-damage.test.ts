import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LmdbStore } from '@sifaka/memory-bank/lmdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damage } from './damage.js';

const DIM = 16;
const ITEMS = 2500;
/** Number of damages to try: `SIFAKA_DAMAGES=5000` for a long run. */
const DAMAGES = Number(process.env['SIFAKA_DAMAGES'] ?? 64);
const PER_PROCESS = 100;

let folder: string;
let whole: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lmdb-damage-'));
  const store = await LmdbStore.open({ path: path.join(folder, 'whole'), dim: DIM });
  // Two writes, so that there are free pages, a tree of several levels, and rows in mixed order.
  for (const part of [0, 1, 0]) {
    const ids = Int32Array.from({ length: ITEMS / 2 }, (_, i) => 2 * ((i * 7) % (ITEMS / 2)) + part);
    const numbers = ids.map((id) => id + 1);
    const vectors = Float32Array.from({ length: ids.length * DIM }, (_, i) => numbers[Math.floor(i / DIM)]!);
    await store.write({ ids, vectors, steps: numbers, versions: numbers });
  }
  await store.close();
  whole = await readFile(path.join(folder, 'whole', 'data.mdb'));
});
afterAll(() => rm(folder, { recursive: true }));

async function folderWith(name: string, data: Uint8Array, lock?: Uint8Array): Promise<string> {
  const where = path.join(folder, name);
  await mkdir(where);
  await writeFile(path.join(where, 'data.mdb'), data);
  if (lock !== undefined) await writeFile(path.join(where, 'lock.mdb'), lock);
  return where;
}

/** Uses stores in a process of its own. @returns a line per folder. */
async function outcomes(folders: readonly string[]): Promise<string[]> {
  const program = fileURLToPath(new URL('lmdb-reader.mjs', import.meta.url));
  const reader = spawn(process.execPath, [program, String(DIM), ...folders], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => reader.on('close', (code, signal) => resolve(signal ?? code)));
  const lines = (await text(reader.stdout)).split('\n').slice(0, -1);
  expect(await ended, `after ${lines.length} of ${folders.length}`).toBe(0);
  return lines;
}

describe('LmdbStore with a damaged data file', () => {
  it('is refused by name, or has every row as it was; the process lives', {
    timeout: 60_000 + 1000 * DAMAGES,
  }, async () => {
    const counts = { intact: 0, refused: 0 };
    for (let first = 0; first < DAMAGES; first += PER_PROCESS) {
      const damages = Array.from({ length: Math.min(PER_PROCESS, DAMAGES - first) }, (_, i) =>
        damage(whole, first + i),
      );
      const folders = await Promise.all(damages.map(({ bytes }, i) => folderWith(`damage-${first + i}`, bytes)));
      const lines = await outcomes(folders);
      for (const [i, line] of lines.entries()) {
        // A cut to no bytes is a new store.
        if (damages[i]!.bytes.length > 0) expect(line, damages[i]!.name).not.toMatch(/^WRONG/);
        if (line === 'intact') counts.intact++;
        else counts.refused++;
      }
      for (const where of folders) await rm(where, { recursive: true });
    }
    expect(counts.refused).toBeGreaterThan(DAMAGES / 3);
    expect(counts.intact).toBeGreaterThan(DAMAGES / 20);
  });

  it('survives a lock file of other bytes', async () => {
    const lines = await outcomes([await folderWith('lock', whole, new Uint8Array(8192).fill(0xa5))]);
    expect(lines[0]).toMatch(/^(intact|refused: LmdbStore .*: the folder cannot be opened)/);
  });

  const refusal = async (name: string, data: Uint8Array): Promise<string> => {
    const where = await folderWith(name, data);
    const error = await LmdbStore.open({ path: where, dim: DIM }).then(
      (store) => store.close().then(() => new Error('it opens')),
      (reason: Error) => reason,
    );
    return error.message.replace(where, 'PATH');
  };

  it.each<[string, (bytes: Buffer) => Uint8Array, string | RegExp]>([
    [
      'a cut in the head',
      (bytes) => bytes.subarray(0, 100),
      'expected two meta pages, got a file that ends in the first one',
    ],
    ['a cut in the second page', (bytes) => bytes.subarray(0, 5000 - 900), 'got a file that ends in the second one'],
    ['a cut after the second page', (bytes) => bytes.subarray(0, 5000), /in a file of 1 pages: it is cut short$/],
    ['half of the file', (bytes) => bytes.subarray(0, bytes.length / 2), /: it is cut short$/],
    [
      'bytes of another program',
      (bytes) => bytes.fill('text '),
      'expected an LMDB file, got other bytes in its first meta page',
    ],
    ['another version', (bytes) => setEach(bytes, 28, 1), "expected LMDB's data version 2, got 1"],
    ['a wrong page size', (bytes) => setEach(bytes, 49, 0x11), /page size/],
  ])('names %s', async (name, change, fault) => {
    const message = await refusal(name, change(Buffer.from(whole)));
    expect(message).toContain('LmdbStore PATH: data.mdb is damaged: ');
    if (typeof fault === 'string') expect(message).toContain(fault);
    else expect(message).toMatch(fault);
  });

  it('names a row with a flipped bit, at every door, and can remove it', async () => {
    const bytes = Buffer.from(whole);
    const value = Buffer.from(Float32Array.of(778, 778, 778, 778).buffer); // Item 777.
    for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1)) bytes[at]! ^= 4;
    const store = await LmdbStore.open({ path: await folderWith('row', bytes), dim: DIM });
    const fault = 'item 777: its checksum differs from its bytes: the row is damaged. Try: store.remove([777])';
    await expect(store.read([1, 777])).rejects.toThrow(fault);
    const scanning = async () => {
      for await (const { ids } of store.scan()) expect(ids).not.toContain(777);
    };
    await expect(scanning()).rejects.toThrow(fault);
    const rows = await store.read([776, 778]);
    const late = { ...rows, ids: Int32Array.of(776, 777), versions: Int32Array.of(900, 5) };
    await expect(store.write(late)).rejects.toThrow(fault); // The stored version could be wrong.
    expect(await store.read([776, 778])).toEqual(rows); // Nothing of the call is written.
    await store.remove([777]);
    await store.write(late);
    expect((await store.read([776, 777])).versions).toEqual(Int32Array.of(900, 5));
    await store.close();
  });

  it.each(['rows', 'about'])('refuses a store whose entry %s has another name', async (name) => {
    const bytes = Buffer.from(whole);
    const damaged = name.replace('o', 'n');
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes.write(damaged, at);
    const where = await folderWith(`without ${name}`, bytes);
    await expect(LmdbStore.open({ path: where, dim: DIM })).rejects.toThrow(`got an LMDB database with "${damaged}"`);
  });

  it('refuses the database of another program, and a store without checksums', async () => {
    const { open } = await import('lmdb');
    for (const [name, key, value, message] of [
      ['other', 'users', { ann: 1 }, 'expected a store of @sifaka/memory-bank, got an LMDB database with "users"'],
      ['format-1', 'about', { format: 1, dim: DIM, storage: 'float32' }, 'expected a store of format 2, got one of 1'],
      ['odd', 'about', 'text', 'expected a record of its format, got "text"'],
    ] as const) {
      const where = path.join(folder, name);
      const root = open({ path: where, noSubdir: false, maxDbs: 2 });
      await root.put(key, value);
      await root.close();
      await expect(LmdbStore.open({ path: where, dim: DIM })).rejects.toThrow(`LmdbStore ${where}: ${message}`);
    }
  });

  it('is not confused by a process that writes during the check', { timeout: 30_000 }, async () => {
    const where = await folderWith('busy', whole);
    const program = fileURLToPath(new URL('lmdb-writer.mjs', import.meta.url));
    const writer = spawn(process.execPath, [program, where, String(DIM), 'float32', '1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    writer.stdout.resume();
    for (let i = 0; i < 20; i++) await (await LmdbStore.open({ path: where, dim: DIM })).close();
    expect(writer.exitCode).toBe(null);
    writer.kill('SIGKILL');
  });

  it('accepts an empty file, and a file whose last pages are free and not written', async () => {
    const open = async (name: string, bytes: Uint8Array) => {
      await (await LmdbStore.open({ path: await folderWith(name, bytes), dim: DIM })).close();
    };
    await open('empty', new Uint8Array(0));
    const withLater = (pages: number): Buffer => {
      const bytes = Buffer.from(whole);
      // The last page's number in both meta pages.
      for (const at of [144, 4096 + 144]) bytes.writeUInt32LE(bytes.readUInt32LE(at) + pages, at);
      return bytes;
    };
    await open('one more', withLater(1));
    await expect(open('many more', withLater(100_000))).rejects.toThrow('it is cut short');
  });
});

/** Sets a byte at an offset of both meta pages. */
function setEach(bytes: Buffer, offset: number, value: number): Buffer {
  bytes[offset] = value;
  bytes[4096 + offset] = value;
  return bytes;
}
