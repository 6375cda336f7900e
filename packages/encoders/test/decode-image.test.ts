import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeImage, decodeImages, ImageError } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// The program runs alone here, because Node does not run the package's sources in another process.
import { SVG_PROGRAM } from '../src/images/svg-process.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sifaka-image-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// 3 wide and 2 high, with distinct values, so that a wrong order of rows, columns or channels is noticed.
const SIX_PIXELS = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => 10 * i + 5);
const sixPixels = () => sharp(SIX_PIXELS, { raw: { width: 3, height: 2, channels: 3 } });
const uniform = (r: number, g: number, b: number) =>
  sharp({ create: { width: 24, height: 16, channels: 3, background: { r, g, b } } });
const noise = (width: number, height: number) => {
  const bytes = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255);
  return sharp(bytes, { raw: { width, height, channels: 3 } });
};
const rgb = (pixels: Uint8Array, i = 0) => [...pixels.slice(3 * i, 3 * i + 3)];
const failure = async (work: Promise<unknown>): Promise<ImageError> => {
  const error = await work.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (!ImageError.isInstance(error)) throw new Error(`expected an ImageError, got ${error}`);
  return error;
};

const drawing = (body: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="64" height="96" viewBox="0 0 64 64">${body}</svg>`);

/** Draws a long path 100,000 times, which takes hours. librsvg's own limit is 500,000 parts. */
const ENDLESS = drawing(
  `<path id="a0" stroke="red" d="M0 0${'L64 9L3 64'.repeat(1000)}"/>` +
    [1, 2, 3, 4, 5].map((i) => `<g id="a${i}">${`<use href="#a${i - 1}"/>`.repeat(10)}</g>`).join(''),
);

describe('decodeImage', () => {
  test('an image of the requested size keeps its pixels, rows first and channels last', async () => {
    const size = { width: 3, height: 2 };
    const png = await sixPixels().png().toBuffer();
    expect(await decodeImage(png, size)).toEqual(SIX_PIXELS);
    const file = path.join(folder, 'six.png');
    writeFileSync(file, png);
    expect(await decodeImage(file, size)).toEqual(SIX_PIXELS);
  });

  test('reads a view into a larger buffer', async () => {
    const png = await sixPixels().png().toBuffer();
    const larger = new Uint8Array(png.length + 20).fill(7);
    larger.set(png, 10);
    expect(await decodeImage(larger.subarray(10, 10 + png.length), { width: 3, height: 2 })).toEqual(SIX_PIXELS);
  });

  test.each([
    ['1×1', () => noise(1, 1).png()],
    ['20,000 pixels wide', () => noise(20_000, 2).png()],
    ['JPEG', () => noise(50, 70).jpeg()],
    ['WebP', () => noise(50, 70).webp()],
    ['AVIF', () => noise(50, 70).avif()],
    ['TIFF', () => noise(50, 70).tiff()],
  ])('%s is resized to the requested size', async (_, image) => {
    expect(await decodeImage(await image().toBuffer(), { width: 5, height: 4 })).toHaveLength(4 * 5 * 3);
  });

  test('enlarges one pixel', async () => {
    const png = await sharp(Uint8Array.of(9, 80, 200), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const pixels = await decodeImage(png, { width: 2, height: 2 });
    for (let i = 0; i < 4; i++) expect(rgb(pixels, i)).toEqual([9, 80, 200]);
  });

  test.each([
    ['grey PNG', () => uniform(90, 90, 90).toColourspace('b-w').png(), [90, 90, 90], 1],
    ['grey JPEG', () => uniform(90, 90, 90).toColourspace('b-w').jpeg({ quality: 100 }), [90, 90, 90], 1],
    ['16-bit PNG', () => uniform(200, 100, 50).toColourspace('rgb16').png(), [200, 100, 50], 1],
    ['16-bit grey PNG', () => uniform(90, 90, 90).toColourspace('grey16').png(), [90, 90, 90], 1],
    ['PNG with a palette', () => uniform(200, 100, 50).png({ palette: true }), [200, 100, 50], 1],
    // CMYK has no exact red; the value depends on its default profile.
    ['CMYK JPEG', () => uniform(200, 50, 50).toColourspace('cmyk').jpeg({ quality: 100 }), [200, 50, 50], 25],
    ['transparent PNG', () => uniform(200, 100, 50).ensureAlpha(0).png(), [128, 128, 128], 0],
    ['half transparent PNG', () => uniform(255, 0, 128).ensureAlpha(0.5).png(), [191.5, 64, 128], 1],
    ['half transparent grey PNG', () => uniform(0, 0, 0).ensureAlpha(0.5).toColourspace('b-w').png(), [64, 64, 64], 1],
  ])('%s becomes 8-bit RGB on mid-grey', async (_, image, expected, tolerance) => {
    const pixels = await decodeImage(await image().toBuffer(), { width: 6, height: 4 });
    expect(pixels).toHaveLength(4 * 6 * 3);
    expect(rgb(pixels)).toBeAllClose(expected, { atol: tolerance, rtol: 0 });
  });

  test('a 16-bit image is scaled to 8 bits, not truncated', async () => {
    const deep = sharp(Uint16Array.of(0, 256 * 100 + 7, 65_535), {
      raw: { width: 1, height: 1, channels: 3 },
    });
    const png = await deep.toColourspace('rgb16').png().toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    expect(rgb(await decodeImage(png, { width: 1, height: 1 }))).toEqual([0, 100, 255]);
  });

  test('EXIF orientation is applied before resizing', async () => {
    const upsideDown = await sixPixels().withMetadata({ orientation: 3 }).png().toBuffer();
    const turned = await decodeImage(upsideDown, { width: 3, height: 2 });
    expect([0, 1, 2, 3, 4, 5].map((i) => rgb(turned, i))).toEqual([5, 4, 3, 2, 1, 0].map((i) => rgb(SIX_PIXELS, i)));
    // Orientation 6 is turned clockwise: the bottom left pixel moves to the top left.
    const onItsSide = await sixPixels().withMetadata({ orientation: 6 }).png().toBuffer();
    const upright = await decodeImage(onItsSide, { width: 2, height: 3 });
    expect([0, 1, 2, 3, 4, 5].map((i) => rgb(upright, i))).toEqual([3, 0, 4, 1, 5, 2].map((i) => rgb(SIX_PIXELS, i)));
  });

  test('decodes the first frame of an animation', async () => {
    const frames = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => (i < 8 * 8 * 3 ? 255 : 0));
    const gif = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif({ delay: [100, 100] })
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect(await decodeImage(gif, { width: 4, height: 4 })).toEqual(new Uint8Array(4 * 4 * 3).fill(255));
  });

  test('fill keeps the edges and cover crops them', async () => {
    // A white square between two black ones.
    const wide = Uint8Array.from({ length: 8 * 24 * 3 }, (_, i) => (Math.floor(i / 24) % 3 === 1 ? 255 : 0));
    const png = await sharp(wide, { raw: { width: 24, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    const size = { width: 6, height: 6 };
    // Scaling comes before cropping, so its filter mixes in a little black.
    const covered = await decodeImage(png, size, { fit: 'cover' });
    expect(covered).toBeAllClose(new Uint8Array(6 * 6 * 3).fill(255), { atol: 30, rtol: 0 });
    const filled = await decodeImage(png, size);
    expect(rgb(filled, 0)).toBeAllClose([0, 0, 0], { atol: 30 });
    expect(rgb(filled, 5)).toBeAllClose([0, 0, 0], { atol: 30 });
    expect(await decodeImage(png, size, { fit: 'fill' })).toEqual(filled);
  });
});

describe('decodeImage refuses', () => {
  const size = { width: 4, height: 4 };

  test.each([
    ['no bytes', async () => new Uint8Array(0), 'empty'],
    ['text', async () => new TextEncoder().encode('<html>404 Not Found</html>'), 'unreadable'],
    ['half a JPEG', async () => half(await noise(80, 80).jpeg().toBuffer()), 'truncated'],
    [
      'half a progressive JPEG',
      async () => half(await noise(80, 80).jpeg({ progressive: true }).toBuffer()),
      'truncated',
    ],
    ['half a GIF', async () => half(await noise(80, 80).gif().toBuffer()), 'truncated'],
    ['half a PNG', async () => half(await noise(80, 80).png().toBuffer()), 'unreadable'],
    ['half a WebP', async () => half(await noise(80, 80).webp().toBuffer()), 'unreadable'],
    [
      '400 million pixels',
      async () => new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>'),
      'tooLarge',
    ],
  ])('%s', async (_, bytes, reason) => {
    const fromBytes = await failure(decodeImage(await bytes(), size));
    expect([fromBytes.reason, fromBytes.file]).toEqual([reason, undefined]);
    expect(fromBytes.message).toContain(`decodeImage: expected an image in the given bytes, got ${reason} (`);
    const file = path.join(folder, 'refused');
    writeFileSync(file, await bytes());
    const fromFile = await failure(decodeImage(file, size));
    expect([fromFile.reason, fromFile.file]).toEqual([reason, file]);
    expect(fromFile.message).toContain(file);
  });

  test('a missing file, a path through a file, and a folder', async () => {
    expect((await failure(decodeImage(path.join(folder, 'nowhere.jpg'), size))).reason).toBe('missing');
    writeFileSync(path.join(folder, 'plain'), 'x');
    expect((await failure(decodeImage(path.join(folder, 'plain', 'a.jpg'), size))).reason).toBe('missing');
    expect((await failure(decodeImage('', size))).reason).toBe('missing');
    const error = await failure(decodeImage(folder, size));
    expect([error.reason, error.message.endsWith('(not a file)')]).toEqual(['unreadable', true]);
  });

  test.each([
    ['maxPixels', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['maxBytes', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['maxSvgBytes', [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]],
  ])('wrong values of %s', async (name, values) => {
    for (const value of values) {
      await expect(decodeImage(new Uint8Array(0), size, { [name]: value })).rejects.toThrow(
        new RangeError(
          `decodeImage: expected ${name} to be a whole number from ${name === 'maxSvgBytes' ? 0 : 1}, got ${value}`,
        ),
      );
    }
  });

  test('an unknown fit, and an input that is neither a name nor bytes', async () => {
    await expect(decodeImage(new Uint8Array(0), size, { fit: 'contain' as 'cover' })).rejects.toThrow(
      new RangeError('decodeImage: expected a fit of fill or cover, got "contain"'),
    );
    for (const [input, got] of [
      [null, 'null'],
      [7, 'number'],
      [new ArrayBuffer(3), 'object'],
    ]) {
      await expect(decodeImage(input as never, size)).rejects.toThrow(
        new TypeError(`decodeImage: expected a file name or a Uint8Array, got ${got}`),
      );
    }
  });

  test('more bytes than allowed, before it reads the file', async () => {
    const png = await noise(20, 10).png().toBuffer();
    expect((await failure(decodeImage(png, size, { maxBytes: png.length - 1 }))).message).toContain(
      `got tooLarge (${png.length} bytes, more than ${png.length - 1})`,
    );
    expect(await decodeImage(png, size, { maxBytes: png.length })).toHaveLength(4 * 4 * 3);
    const sparse = path.join(folder, 'sparse.jpg');
    writeFileSync(sparse, png);
    truncateSync(sparse, 1_900_000_000);
    const before = process.memoryUsage().rss;
    const error = await failure(decodeImage(sparse, size));
    expect([error.reason, error.message.endsWith('(1900000000 bytes, more than 67108864)')]).toEqual([
      'tooLarge',
      true,
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(5e8);
  });

  test('an SVG that would take long to draw', async () => {
    const svg = (segments: number, start = '') =>
      Buffer.from(
        `${start}<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><path stroke="red" d="M0 0${'L64 9L3 64'.repeat(segments / 2)}"/></svg>`,
      );
    const began = performance.now();
    for (const start of ['', '\ufeff', '<?xml version="1.0"?> ', '<!-- -->']) {
      const error = await failure(decodeImage(svg(1_000_000, start), size));
      expect([error.reason, /an SVG of \d+ bytes, more than 65536/.test(error.message)]).toEqual(['tooLarge', true]);
    }
    expect((await failure(decodeImage(gzipSync(svg(1_000_000)), size))).reason).toBe('tooLarge');
    expect(performance.now() - began).toBeLessThan(3000);
    const small = svg(10);
    expect(await decodeImage(small, size)).toHaveLength(4 * 4 * 3);
    expect((await failure(decodeImage(small, size, { maxSvgBytes: 0 }))).reason).toBe('tooLarge');
    expect(await decodeImage(svg(10_000), size, { maxSvgBytes: 1e6 })).toHaveLength(4 * 4 * 3);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('maxSvgSeconds of %s', async (maxSvgSeconds) => {
    await expect(decodeImage(new Uint8Array(0), size, { maxSvgSeconds })).rejects.toThrow(
      new RangeError(`decodeImage: expected maxSvgSeconds to be a number above 0, got ${maxSvgSeconds}`),
    );
  });

  test('a small SVG that draws its parts again and again, without a stop', async () => {
    const error = await failure(decodeImage(ENDLESS, size, { maxSvgSeconds: 0.5 }));
    expect([error.reason, error.message.endsWith('(an SVG that takes more than 0.5 s to draw)')]).toEqual([
      'tooLarge',
      true,
    ]);
    // The next one has a process of its own.
    expect(await decodeImage(drawing('<rect y="-20" width="64" height="200" fill="#fff"/>'), size)).toEqual(
      new Uint8Array(4 * 4 * 3).fill(255),
    );
  });

  test('a name with control characters, quoted', async () => {
    const error = await failure(decodeImage(path.join(folder, 'a\u001b[2J\u009b.jpg'), size));
    expect(error.message).toContain('a\\u001b[2J\\u009b.jpg"');
    expect(error.file).toContain('\u001b');
  });

  test('more pixels than allowed', async () => {
    const png = await noise(20, 10).png().toBuffer();
    expect((await failure(decodeImage(png, size, { maxPixels: 199 }))).reason).toBe('tooLarge');
    expect(await decodeImage(png, size, { maxPixels: 200 })).toHaveLength(4 * 4 * 3);
  });

  test.each([
    [0, 4],
    [4, -1],
    [4, 1.5],
    [Number.NaN, 4],
    [4, Number.POSITIVE_INFINITY],
    [16_385, 1],
  ])('a size of %s×%s', async (width, height) => {
    await expect(decodeImage(new Uint8Array(0), { width, height })).rejects.toThrow(RangeError);
  });
});

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length >> 1);
}

describe('an SVG, which another process draws,', () => {
  const body =
    '<linearGradient id="g"><stop stop-color="#123456"/><stop offset="1" stop-color="#fedcba80"/></linearGradient>' +
    '<rect width="64" height="64" fill="url(#g)"/><circle cx="20" cy="30" r="15" fill="red"/><use href="#g"/>';

  test.each(['fill', 'cover'] as const)('has the pixels that sharp gives here (%s)', async (fit) => {
    const expected = await sharp(drawing(body))
      .flatten({ background: { r: 128, g: 128, b: 128 } })
      .resize({ width: 8, height: 6, fit })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    expect(await decodeImage(drawing(body), { width: 8, height: 6 }, { fit })).toEqual(new Uint8Array(expected));
  });

  test('has the reason of its own fault', async () => {
    const error = await failure(decodeImage(drawing('<rect'), { width: 4, height: 4 }));
    expect([error.reason, error.message]).toEqual(['unreadable', expect.stringContaining('XML parse error')]);
    expect((await failure(decodeImage(drawing(body), { width: 4, height: 4 }, { maxPixels: 100 }))).reason).toBe(
      'tooLarge',
    );
  });

  test('is counted as broken among others if it takes too long', async () => {
    const files = [drawing(body), ENDLESS, drawing(body), drawing(body), ENDLESS, drawing(body)].map((bytes, i) => {
      const file = path.join(folder, `${i}.svg`);
      writeFileSync(file, bytes);
      return file;
    });
    const decoded = await decodeImages(files, { size: { width: 4, height: 4 }, maxSvgSeconds: 2 });
    expect([...decoded.status]).toEqual([1, 2, 1, 1, 2, 1]);
    expect(decoded.broken.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'tooLarge'],
      [4, 'tooLarge'],
    ]);
    expect(decoded.pixels.subarray(0, 48)).toEqual(decoded.pixels.subarray(5 * 48));
  });

  test('is drawn no longer once its parent was killed', async () => {
    const library = createRequire(import.meta.url).resolve('sharp');
    const file = path.join(folder, 'endless.svg');
    writeFileSync(file, ENDLESS);
    const parent = spawn(
      process.execPath,
      [
        '--eval',
        `const [program, library, file] = process.argv.slice(1);
        const bytes = require('node:fs').readFileSync(file);
        const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
        const child = require('node:child_process').spawn(process.execPath, ['--eval', program, library], {
          stdio,
          serialization: 'advanced',
        });
        child.once('message', () => {
          child.send({ bytes, steps: { input: {}, methods: [['raw']] } });
          console.log('drawing');
        });`,
        SVG_PROGRAM,
        library,
        file,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    await once(parent.stdout, 'data');
    const childEnds = once(parent.stderr.resume(), 'end'); // The child holds the same pipe.
    parent.kill('SIGKILL');
    await childEnds;
    expect(parent.stderr.readableEnded).toBe(true);
  });
});
