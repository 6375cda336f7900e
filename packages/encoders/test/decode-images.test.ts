import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeImage, decodeImages } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

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
      'decodeImages: expected a width and a height of at least 1 whole pixel, got 0×4',
    );
    await expect(decodeImages([], { size, concurrency: 0 })).rejects.toThrow(RangeError);
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

  test('a folder in its place is reported before decoding', async () => {
    const onProgress = () => expect.unreachable();
    await expect(decodeImages([undefined], { size, cacheFile: folder, onProgress })).rejects.toThrow(
      `decodeImages: cannot read cacheFile ${folder}`,
    );
  });
});
