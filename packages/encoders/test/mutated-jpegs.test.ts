// Damaged JPEGs must be refused or decoded as with sharp, whichever decoder takes them. For a longer run from another
// seed:
// SIFAKA_MUTATIONS=100000 SIFAKA_SEED=7 node node_modules/vitest/vitest.mjs run packages/encoders/test/mutated-jpegs
import { readFileSync } from 'node:fs';
import { decodeImage, ImageError } from '@sifaka/encoders/node';
import { seededRandom } from '@sifaka/nn';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const MUTATIONS = Number(process.env['SIFAKA_MUTATIONS'] ?? 1500);
const SEED = Number(process.env['SIFAKA_SEED'] ?? 1);
const SIZE = { width: 8, height: 8 };

const scene = (width: number, height: number) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 64 96" preserveAspectRatio="none">
      <linearGradient id="g"><stop stop-color="#00f"/><stop offset="1" stop-color="#ff0"/></linearGradient>
      <rect width="64" height="96" fill="url(#g)"/><circle cx="20" cy="30" r="15" fill="red"/><path d="M5 60 60 70 30 95z"/></svg>`,
    ),
  ).removeAlpha();

const bySharp = (file: Uint8Array) =>
  sharp(file, { failOn: 'error', autoOrient: true })
    .resize({ ...SIZE, fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();

/** Most of the bytes that decide how a JPEG is read come before its scan. */
function mutate(whole: Uint8Array, random: () => number): Buffer {
  const scan = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xda) + 14;
  let file = Buffer.from(whole);
  for (let changes = random() < 0.5 ? 1 : 2; changes > 0; changes--) {
    const at = Math.floor(random() * (random() < 0.6 ? scan : file.length));
    const byte = Math.floor(random() * 256);
    const kind = random();
    if (kind < 0.5) file[at]! ^= 1 << (byte % 8);
    else if (kind < 0.75) file[at] = byte;
    else if (kind < 0.85) file[at] = 0xff;
    else if (kind < 0.93) file = Buffer.concat([file.subarray(0, at), file.subarray(at + 1)]);
    else file = Buffer.concat([file.subarray(0, at), Buffer.of(byte), file.subarray(at)]);
  }
  return file;
}

test(`${MUTATIONS} mutated JPEGs are refused or decoded as with sharp`, {
  timeout: 60_000 + 20 * MUTATIONS,
}, async () => {
  const random = seededRandom(SEED);
  const wholes = [
    await scene(40, 40).jpeg({ quality: 40 }).toBuffer(),
    await scene(40, 56).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer(),
    await scene(64, 64).jpeg({ quality: 60, optimiseCoding: true }).toBuffer(),
    await scene(48, 48).greyscale().jpeg().toBuffer(),
    await scene(40, 56).jpeg({ progressive: true, quality: 60 }).toBuffer(),
    await scene(48, 40).jpeg({ progressive: true, optimiseScans: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    await scene(40, 40).greyscale().jpeg({ progressive: true }).toBuffer(),
    readFileSync(new URL('./golden/restart-markers.jpg', import.meta.url)),
  ];
  let own = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const file = mutate(wholes[Math.floor(random() * wholes.length)]!, random);
    const expected = await bySharp(file).catch(() => undefined);
    const got = await decodeImage(file, SIZE).catch((error: unknown) => {
      if (!ImageError.isInstance(error)) throw error;
      return undefined;
    });
    const furthest = got?.reduce((most, value, k) => Math.max(most, Math.abs(value - (expected?.[k] ?? 1e9))), 0);
    const outcome =
      got === undefined ? (expected === undefined ? 'as sharp' : 'refused') : furthest! <= 3 ? 'as sharp' : furthest;
    expect([i, outcome, file.toString('base64').slice(0, outcome === 'as sharp' ? 0 : undefined)]).toEqual([
      i,
      'as sharp',
      '',
    ]);
    if (furthest !== undefined && furthest > 0) own++;
  }
  // This package's decoder rounds otherwise than sharp's. Without it, this test would compare sharp with itself.
  expect(own).toBeGreaterThan(MUTATIONS / 10);
});

/** A table of these codes in place of the first one of a file. `counts` holds the numbers of codes of 1, 2, … bits. */
function withTable(whole: Uint8Array, kind: number, counts: readonly number[], symbols: readonly number[]): Buffer {
  const at = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xc4 && whole[i + 4] === kind);
  const length = whole[at + 2]! * 256 + whole[at + 3]!;
  const body = [kind, ...Array.from({ length: 16 }, (_, i) => counts[i] ?? 0), ...symbols];
  const table = Buffer.of(0xff, 0xc4, 0, body.length + 2, ...body);
  return Buffer.concat([whole.subarray(0, at), table, whole.subarray(at + 2 + length)]);
}

test.each([
  ['an all-ones code', 0, [2], [0, 1]],
  ['more codes than bits allow', 0, [1, 3], [0, 1, 2, 3]],
  ['a first coefficient of more than 15 bits', 0, [0, 2], [0, 16]],
  ['an all-ones code for the other coefficients', 16, [2], [0, 1]],
] as const)('a Huffman table with %s is refused', async (_, kind, counts, symbols) => {
  const white = sharp({ create: { width: 16, height: 16, channels: 3, background: 'gray' } }).greyscale();
  const file = withTable(await white.jpeg({ optimiseCoding: false }).toBuffer(), kind, counts, symbols);
  await expect(bySharp(file)).rejects.toThrow('Bogus Huffman table');
  await expect(decodeImage(file, SIZE)).rejects.toThrow('Bogus Huffman table');
});
