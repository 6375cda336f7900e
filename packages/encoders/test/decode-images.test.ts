import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeImage, decodeImages } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const size = { width: 4, height: 6 };
const IMAGE_BYTES = 6 * 4 * 3;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sifaka-images-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function writeImage(name: string, r: number, g: number, b: number): Promise<string> {
  const file = path.join(folder, name);
  await sharp({ create: { width: 9, height: 9, channels: 3, background: { r, g, b } } })
    .jpeg({ quality: 100 })
    .toFile(file);
  return file;
}

function write(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** Good, missing and broken files, at least two of each. */
async function mixedFiles(): Promise<(string | undefined)[]> {
  const red = await writeImage('red.jpg', 220, 10, 10);
  const blue = await writeImage('blue.jpg', 10, 10, 220);
  mkdirSync(path.join(folder, 'folder.jpg'));
  const whole = readFileSync(red);
  return [
    red,
    undefined,
    write('empty.jpg', ''),
    path.join(folder, 'nowhere.jpg'),
    write('text.jpg', 'not an image'),
    path.join(folder, 'folder.jpg'),
    write('half.jpg', whole.subarray(0, whole.length - 40)),
    blue,
  ];
}

describe('decodeImages', () => {
  test('counts and lists files that it cannot decode, and decodes the rest', async () => {
    const files = await mixedFiles();
    const images = await decodeImages(files, { size });
    expect([...images.status]).toEqual([1, 0, 2, 0, 2, 2, 2, 1]);
    expect(images.counts).toEqual({ ok: 2, missing: 2, broken: 4 });
    expect(images.broken.map(({ index, reason }) => [index, reason])).toEqual([
      [2, 'empty'],
      [4, 'unreadable'],
      [5, 'unreadable'],
      [6, 'truncated'],
    ]);
    for (const { index, file, message } of images.broken) {
      expect(file).toBe(files[index]);
      expect(message).toContain(file);
    }
    expect([images.size, images.fromCache]).toEqual([size, false]);
  });

  test('each block of bytes equals that image alone, or zeros without one', async () => {
    const files = await mixedFiles();
    const { pixels, status } = await decodeImages(files, { size, fit: 'cover' });
    expect(pixels).toHaveLength(files.length * IMAGE_BYTES);
    for (const [i, file] of files.entries()) {
      const alone = status[i] === 1 ? await decodeImage(file!, size, { fit: 'cover' }) : new Uint8Array(IMAGE_BYTES);
      expect(pixels.slice(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)).toEqual(alone);
    }
  });

  test('concurrency does not change the result', async () => {
    const files = await mixedFiles();
    expect(await decodeImages(files, { size, concurrency: 16 })).toEqual(
      await decodeImages(files, { size, concurrency: 1 }),
    );
  });

  test('maxPixels applies to every image', async () => {
    const images = await decodeImages([await writeImage('a.jpg', 1, 2, 3)], { size, maxPixels: 80 });
    expect(images.broken[0]?.reason).toBe('tooLarge');
  });

  test('reports progress once per file', async () => {
    const seen: [number, number][] = [];
    const files = await mixedFiles();
    await decodeImages(files, { size, onProgress: (done, total) => seen.push([done, total]) });
    expect(seen).toEqual(files.map((_, i) => [i + 1, files.length]));
  });

  test('no files give no pixels', async () => {
    const images = await decodeImages([], { size });
    expect([images.pixels.length, images.counts]).toEqual([0, { ok: 0, missing: 0, broken: 0 }]);
  });

  test('refuses an invalid size or concurrency', async () => {
    await expect(decodeImages([], { size: { width: 0, height: 4 } })).rejects.toThrow(
      'decodeImages: expected a width and a height of 1 to 16384 whole pixels, got 0×4',
    );
    await expect(decodeImages([], { size, concurrency: 0 })).rejects.toThrow(RangeError);
    await expect(decodeImages([], { size, concurrency: Number.NaN })).rejects.toThrow(RangeError);
    await expect(decodeImages([], { size, maxBytes: 0 })).rejects.toThrow(
      'decodeImages: expected maxBytes to be a whole number from 1, got 0',
    );
  });

  test('refuses names that are not strings, and more pixels than an array can hold', async () => {
    await expect(decodeImages([undefined, null as unknown as string], { size })).rejects.toThrow(
      'decodeImages: expected names of files or undefined, got null at 1',
    );
    const files = Array<undefined>(20).fill(undefined);
    await expect(decodeImages(files, { size: { width: 16_384, height: 16_384 } })).rejects.toThrow(
      /^decodeImages: expected at most 4294967296 bytes of pixels, got 20 images of 805306368$/,
    );
  });

  test('stops between images when its signal is aborted', async () => {
    const controller = new AbortController();
    let done = 0;
    const onProgress = () => {
      if (++done === 3) controller.abort(new Error('enough'));
    };
    const options = { size, concurrency: 1, onProgress, signal: controller.signal };
    await expect(decodeImages(await mixedFiles(), options)).rejects.toThrow('enough');
    expect(done).toBe(3);
  });

  test('the defaults bound the bytes of each file, also of many', async () => {
    const sparse = write('sparse.jpg', Uint8Array.of(0xff, 0xd8));
    truncateSync(sparse, 1_900_000_000);
    const files = [...Array<string>(300).fill(sparse), await writeImage('a.jpg', 1, 2, 3)];
    const began = performance.now();
    const images = await decodeImages(files, { size });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(images.counts).toEqual({ ok: 1, missing: 0, broken: 300 });
    expect(images.broken[0]).toMatchObject({ reason: 'tooLarge' });
  });

  test('does not mistake an error of the caller for a broken image', async () => {
    const onProgress = () => {
      throw new Error('stop');
    };
    await expect(decodeImages([undefined, undefined], { size, onProgress })).rejects.toThrow('stop');
  });
});

describe('decodeImages with a cache file', () => {
  let cacheFile: string;
  beforeEach(() => {
    cacheFile = path.join(folder, 'caches', 'posters.cache');
  });

  test('the second call decodes nothing and returns the same', async () => {
    const files = await mixedFiles();
    const first = await decodeImages(files, { size, cacheFile });
    let progress = 0;
    const second = await decodeImages(files, { size, cacheFile, onProgress: () => progress++ });
    expect(second).toEqual({ ...first, fromCache: true });
    expect([first.fromCache, progress]).toEqual([false, 0]);
    expect(readdirSync(path.dirname(cacheFile))).toEqual(['posters.cache']);
  });

  test('caches an empty list', async () => {
    await decodeImages([], { size, cacheFile });
    expect((await decodeImages([], { size, cacheFile })).fromCache).toBe(true);
  });

  test('is stale if a file or its modification time changes, or a missing file appears', async () => {
    const file = await writeImage('a.jpg', 220, 10, 10);
    const late = path.join(folder, 'late.jpg');
    const decode = () => decodeImages([file, late], { size, cacheFile });
    await decode();
    utimesSync(file, new Date(0), new Date(0));
    expect((await decode()).fromCache).toBe(false);
    await writeImage('a.jpg', 10, 10, 220);
    const changed = await decode();
    expect([changed.fromCache, changed.pixels[2]! > 200]).toEqual([false, true]);
    await writeImage('late.jpg', 1, 1, 1);
    const appeared = await decode();
    expect([appeared.fromCache, appeared.counts.ok]).toEqual([false, 2]);
    expect((await decode()).fromCache).toBe(true);
  });

  test('is stale for another list or other options', async () => {
    const files = [await writeImage('a.jpg', 220, 10, 10), await writeImage('b.jpg', 10, 10, 220)];
    await decodeImages(files, { size, cacheFile });
    const others = [
      () => decodeImages(files.toReversed(), { size, cacheFile }),
      () => decodeImages([files[0], undefined], { size, cacheFile }),
      () => decodeImages(files, { size: { width: 6, height: 4 }, cacheFile }),
      () => decodeImages(files, { size, fit: 'cover', cacheFile }),
      () => decodeImages(files, { size, maxPixels: 10, cacheFile }),
      () => decodeImages(files, { size, maxBytes: 10, cacheFile }),
      () => decodeImages(files, { size, maxSvgBytes: 10, cacheFile }),
    ];
    for (const other of others) {
      expect((await other()).fromCache).toBe(false);
      expect((await decodeImages(files, { size, cacheFile })).fromCache).toBe(false);
    }
  });

  test('is replaced if it is damaged anywhere or truncated', async () => {
    const files = [await writeImage('a.jpg', 220, 10, 10), write('text.jpg', 'not an image'), undefined];
    const first = await decodeImages(files, { size, cacheFile });
    const whole = readFileSync(cacheFile);
    const damages: Uint8Array[] = [whole.subarray(0, 5), whole.subarray(0, -1), Buffer.concat([whole, Buffer.of(0)])];
    for (let at = 0; at < whole.length; at += 13) {
      const damaged = Uint8Array.from(whole);
      damaged[at]! ^= 0x10;
      damages.push(damaged);
    }
    for (const damaged of [...damages, new Uint8Array(0)]) {
      writeFileSync(cacheFile, damaged);
      expect(await decodeImages(files, { size, cacheFile })).toEqual(first);
      expect(readFileSync(cacheFile)).toEqual(whole);
    }
  });

  test('goes on with a warning if the cache can be neither read nor written', async () => {
    const files = await mixedFiles();
    const plain = await decodeImages(files, { size });
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    expect(await decodeImages(files, { size, cacheFile: folder, onWarning })).toEqual(plain);
    expect(warnings).toEqual([
      expect.stringContaining(`decodeImages: cannot read cacheFile ${folder}: EISDIR`),
      expect.stringContaining(`decodeImages: cannot write cacheFile ${folder}: `),
    ]);
    const below = path.join(files[0]!, 'posters.cache'); // below a file
    expect(await decodeImages(files, { size, cacheFile: below, onWarning })).toEqual(plain);
    expect(warnings.at(-1)).toContain(`decodeImages: cannot write cacheFile ${below}: `);
    // Nothing is left beside the folder that was in the way.
    expect(readdirSync(path.dirname(folder)).filter((name) => name.startsWith(`${path.basename(folder)}.`))).toEqual(
      [],
    );
  });

  test('warns through the process by default', async () => {
    const warned = once(process, 'warning');
    await decodeImages([undefined], { size, cacheFile: path.join(write('file', 'x'), 'cache') });
    expect(((await warned)[0] as Error).message).toContain('decodeImages: cannot write cacheFile ');
  });

  test('is written to a folder that cannot be listed', async () => {
    const refused = Object.assign(new Error('EACCES: permission denied, scandir'), { code: 'EACCES' });
    const listing = vi.spyOn(fs.promises, 'readdir').mockRejectedValue(refused);
    syncBuiltinESMExports();
    const warnings: string[] = [];
    await decodeImages([undefined], { size, cacheFile, onWarning: (warning) => warnings.push(warning) });
    expect(listing).toHaveBeenCalled();
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect([warnings, existsSync(cacheFile)]).toEqual([[], true]);
  });

  test('removes temporary files of killed processes, and no others', async () => {
    const killed = spawnSync(process.execPath, ['--eval', '']).pid;
    mkdirSync(path.dirname(cacheFile));
    const uuid = randomUUID();
    const stale = `${cacheFile}.${killed}-${uuid}.tmp`;
    const others = [
      `${cacheFile}.${process.pid}-${uuid}.tmp`, // at work
      `${cacheFile}.${killed}-${randomUUID()}.tmp`, // written to a moment ago
      `${cacheFile}.${killed}-notes.tmp`,
      path.join(path.dirname(cacheFile), `another.cache.${killed}-${uuid}.tmp`),
    ];
    const old = new Date(Date.now() - 120_000);
    for (const file of [stale, ...others]) {
      writeFileSync(file, 'x');
      if (file !== others[1]) utimesSync(file, old, old);
    }
    await decodeImages([undefined], { size, cacheFile });
    expect(readdirSync(path.dirname(cacheFile)).sort()).toEqual(
      [cacheFile, ...others].map((file) => path.basename(file)).sort(),
    );
  });
});
