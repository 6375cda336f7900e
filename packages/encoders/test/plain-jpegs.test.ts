// Plain JPEGs do not go through sharp, but must decode to the same pixels, within a tolerance.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, decodeImages, ImageError } from '@sifaka/encoders/node';
import sharp, { type JpegOptions } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Size {
  readonly width: number;
  readonly height: number;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sifaka-jpegs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Hard edges, gradients and extreme colours. */
function scene({ width, height }: Size) {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 64 96" preserveAspectRatio="none">
    <linearGradient id="g"><stop stop-color="#00f"/><stop offset="1" stop-color="#ff0"/></linearGradient>
    <rect width="64" height="96" fill="url(#g)"/><circle cx="20" cy="30" r="15" fill="red"/>
    <path d="M5 60 60 70 30 95z"/><path d="M34 5h3v40h-3zm6 0h3v40h-3zm6 0h3v40h-3z" fill="#fff"/></svg>`;
  return sharp(Buffer.from(drawing)).removeAlpha();
}

const bySharp = (file: Uint8Array, { width, height }: Size) =>
  sharp(file, { failOn: 'error', autoOrient: true })
    .resize({ width, height, fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();

async function expectLikeSharp(file: Uint8Array, size: Size): Promise<void> {
  const expected = await bySharp(file, size);
  const pixels = await decodeImage(file, size);
  expect(pixels).toHaveLength(size.height * size.width * 3);
  const differences = pixels.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  expect(differences.reduce((sum, difference) => sum + difference, 0) / pixels.length).toBeLessThan(0.25);
}

const TO: Size = { width: 32, height: 48 };

describe('a plain JPEG decodes as with sharp, within 3 of 255', () => {
  const sources: Size[] = [
    { width: 32, height: 48 }, // nothing to resample
    { width: 33, height: 49 },
    { width: 70, height: 145 },
    { width: 128, height: 192 }, // the decoder shrinks by 2
    { width: 131, height: 250 },
    { width: 180, height: 270 }, // by 4
    { width: 301, height: 445 }, // by 8
    { width: 500, height: 750 },
    { width: 900, height: 1400 },
    { width: 20, height: 30 }, // enlarged
    { width: 9, height: 48 }, // enlarged in one direction
    { width: 31, height: 100 }, // enlarged in one direction and shrunk in the other, so sharp decodes it
    { width: 4, height: 3 }, // too few columns of chroma, so sharp decodes it
    { width: 40, height: 600 }, // very different scales, so sharp decodes it
  ];
  const kinds: [string, JpegOptions][] = [
    ['full chroma', { quality: 90, chromaSubsampling: '4:4:4' }],
    ['half chroma', { quality: 75, chromaSubsampling: '4:2:0' }],
    ['custom Huffman tables', { quality: 40, optimiseCoding: true, chromaSubsampling: '4:2:0' }],
    ['progressive, half chroma', { progressive: true }],
    ['progressive, full chroma', { progressive: true, quality: 95, chromaSubsampling: '4:4:4' }],
    ['progressive, scans of bands', { progressive: true, optimiseScans: true, quality: 60 }],
  ];
  const cases = kinds.flatMap(([name, options]) => sources.map((size) => ({ name, options, size })));

  test.each(cases)('$name, $size.width × $size.height', async ({ options, size }) => {
    await expectLikeSharp(await scene(size).jpeg(options).toBuffer(), TO);
  });

  test.each([false, true])('grey, progressive %s', async (progressive) => {
    for (const size of [{ width: 200, height: 300 }, TO, { width: 25, height: 9 }]) {
      await expectLikeSharp(await scene(size).greyscale().jpeg({ progressive }).toBuffer(), TO);
    }
  });

  test('a colour profile, an orientation, CMYK', async () => {
    const size = { width: 200, height: 300 };
    await expectLikeSharp(await scene(size).withIccProfile('p3').jpeg().toBuffer(), TO);
    await expectLikeSharp(await scene(size).withMetadata({ orientation: 6 }).jpeg().toBuffer(), TO);
    await expectLikeSharp(await scene(size).toColourspace('cmyk').jpeg().toBuffer(), TO);
  });

  test('restart markers every two blocks', async () => {
    const file = readFileSync(fileURLToPath(new URL('golden/restart-markers.jpg', import.meta.url)));
    for (const size of [
      { width: 23, height: 15 },
      { width: 12, height: 11 },
    ]) {
      await expectLikeSharp(file, size);
    }
  });

  test('bytes after the end of the image', async () => {
    const file = await scene({ width: 128, height: 192 }).jpeg().toBuffer();
    await expectLikeSharp(Buffer.concat([file, Buffer.from('appendix')]), TO);
  });
});

test('a whole plain JPEG has the bytes of libjpeg', async () => {
  for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
    for (const progressive of [false, true]) {
      for (const size of [
        { width: 61, height: 83 },
        { width: 64, height: 48 },
        { width: 5, height: 6 },
      ]) {
        const file = await scene(size).jpeg({ chromaSubsampling, progressive }).toBuffer();
        const expected = await bySharp(file, size);
        expect(await decodeImage(file, size)).toEqual(new Uint8Array(expected));
      }
    }
  }
});

test('a plain JPEG of more pixels than allowed is refused', async () => {
  const file = await scene({ width: 40, height: 60 }).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
  expect(await decodeImage(file, TO, { maxPixels: 2400 })).toHaveLength(32 * 48 * 3);
  await expect(decodeImage(file, TO, { maxPixels: 2399 })).rejects.toMatchObject({ reason: 'tooLarge' });
});

describe('a damaged JPEG', () => {
  test('is refused if truncated anywhere', async () => {
    const file = await scene({ width: 40, height: 40 }).jpeg().toBuffer();
    for (let length = 1; length < file.length; length += 7) {
      await expect(decodeImage(file.subarray(0, length), { width: 10, height: 10 })).rejects.toThrow(ImageError);
    }
  });

  test('is refused if it is progressive and scans are missing', async () => {
    const file = await scene({ width: 40, height: 40 }).jpeg({ progressive: true }).toBuffer();
    const scans = [...file.keys()].filter((i) => file[i] === 0xff && file[i + 1] === 0xda);
    expect(scans.length).toBeGreaterThan(5);
    for (const scan of scans) {
      const cut = Buffer.concat([file.subarray(0, scan), Buffer.of(0xff, 0xd9)]);
      const size = { width: 10, height: 10 };
      const [expected, got] = await Promise.allSettled([bySharp(cut, size), decodeImage(cut, size)]);
      expect(got.status).toBe(expected.status);
      if (got.status === 'fulfilled' && expected.status === 'fulfilled') await expectLikeSharp(cut, size);
    }
  });

  test('is refused or decoded as with sharp if changed anywhere', async () => {
    const size = { width: 8, height: 8 };
    const file = await scene({ width: 40, height: 40 }).jpeg({ quality: 40 }).toBuffer();
    for (let at = 0; at < file.length; at += 5) {
      const changed = Uint8Array.from(file);
      changed[at]! ^= 1 << (at % 8);
      const expected = await bySharp(changed, size).then(
        () => 'pixels',
        () => 'ImageError',
      );
      const got = await decodeImage(changed, size).then(
        () => 'pixels',
        (error: unknown) => (ImageError.isInstance(error) ? 'ImageError' : error),
      );
      expect([at, got]).toEqual([at, expected]);
    }
  });
});

test('many files in threads decode like each file alone', async () => {
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  };
  const whole = await scene({ width: 128, height: 192 }).jpeg().toBuffer();
  const kinds = [
    write('a.jpg', whole),
    write('b.jpg', await scene({ width: 64, height: 64 }).jpeg().toBuffer()),
    write('c.png', await scene({ width: 64, height: 64 }).png().toBuffer()),
    write('half.jpg', whole.subarray(0, whole.length >> 1)),
    undefined,
    path.join(folder, 'nowhere.jpg'),
  ];
  const files = Array.from({ length: 300 }, (_, i) => kinds[(i * i) % kinds.length]);
  let progress = 0;
  const images = await decodeImages(files, { size: TO, onProgress: () => progress++ });
  expect(progress).toBe(files.length);
  expect(images.broken.every(({ reason, file }) => reason === 'truncated' && file === kinds[3])).toBe(true);
  expect(images.counts.broken).toBe(files.filter((file) => file === kinds[3]).length);
  const bytes = 48 * 32 * 3;
  for (const [i, file] of files.entries()) {
    if (images.status[i] !== 1) continue;
    expect(images.pixels.subarray(i * bytes, (i + 1) * bytes)).toEqual(await decodeImage(file!, TO));
  }
  const stop = () => {
    throw new Error('stop');
  };
  await expect(decodeImages(files, { size: TO, onProgress: stop })).rejects.toThrow('stop');
});

test('jpeg-decoder.generated.ts matches the sources in assembly/', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const fresh = path.join(folder, 'fresh.ts');
  execFileSync(process.execPath, ['assembly/compile.mjs', fresh], { cwd: root });
  expect(readFileSync(fresh, 'utf8')).toBe(
    readFileSync(path.join(root, 'src/images/jpeg/jpeg-decoder.generated.ts'), 'utf8'),
  );
});
