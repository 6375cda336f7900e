import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodeImage, TextTokenizer } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { byteLevelAlphabet } from 'tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const size = { width: 4, height: 4 };
const vector = new TextEncoder().encode(
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="teal"/></svg>',
);
const noSharp = 'decodeImage: expected the package sharp, which is not installed. Try: npm install sharp';

describe('without optional packages', () => {
  let folder: string;
  let encoders: typeof import('@sifaka/encoders/node');

  beforeAll(async () => {
    // A copy of the sources in a folder from which Node finds none of the packages.
    folder = mkdtempSync(path.join(tmpdir(), 'sifaka-encoders-'));
    cpSync(fileURLToPath(new URL('../src', import.meta.url)), folder, { recursive: true });
    encoders = await import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'node.ts')).href);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names the package and the command that installs it', async () => {
    const error = await encoders.decodeImage(vector, size).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(encoders.MissingPackageError);
    expect(error).toMatchObject({ message: noSharp, packageName: 'sharp', command: 'npm install sharp' });

    const noTokenizers = 'expected the package tokenizers, which is not installed. Try: npm install tokenizers';
    await expect(encoders.TextTokenizer.train(['a lemur'])).rejects.toThrow(`TextTokenizer.train: ${noTokenizers}`);
    const json = (await TextTokenizer.train(['a lemur'], { vocabularySize: 261 })).toJSON();
    expect(() => encoders.TextTokenizer.fromJSON(json)).toThrow(`TextTokenizer.fromJSON: ${noTokenizers}`);
  });

  it('opens a model of a hub only with @huggingface/hub', async () => {
    await expect(encoders.openPretrained('zoo/tiny', { offline: true })).rejects.toMatchObject({
      message:
        'openPretrained: expected the package @huggingface/hub, which is not installed. ' +
        'Try: npm install @huggingface/hub',
      packageName: '@huggingface/hub',
    });
  });

  it('decodes and caches plain JPEGs, and does not count other images as broken', async () => {
    const jpeg = path.join(folder, 'plain.jpg');
    const progressive = path.join(folder, 'progressive.jpg');
    const teal = sharp({ create: { width: 16, height: 16, channels: 3, background: 'teal' } });
    await teal.jpeg({ chromaSubsampling: '4:4:4' }).toFile(jpeg);
    await teal.jpeg({ progressive: true }).toFile(progressive);
    const files = [jpeg, progressive, undefined];
    const cacheFile = path.join(folder, 'cache');
    const first = await encoders.decodeImages(files, { size, cacheFile });
    expect(first).toMatchObject({ counts: { ok: 2, missing: 1, broken: 0 }, fromCache: false });
    expect(first.pixels.subarray(0, 48)).toEqual(await decodeImage(jpeg, size));
    expect(first.pixels.subarray(48, 96)).toEqual(await decodeImage(progressive, size));
    expect((await encoders.decodeImages(files, { size, cacheFile })).fromCache).toBe(true);

    const png = path.join(folder, 'image.png');
    await sharp(vector).png().toFile(png);
    await expect(encoders.decodeImages([jpeg, png], { size })).rejects.toThrow(noSharp);
  });
});

it('knows the same byte alphabet as tokenizers', async () => {
  const tokenizer = await TextTokenizer.train(['a lemur'], { vocabularySize: 260 });
  const { vocab } = JSON.parse(tokenizer.toJSON()).model as { vocab: Record<string, number> };
  expect(
    byteLevelAlphabet()
      .sort()
      .map((character) => vocab[character]),
  ).toEqual(Array.from({ length: 256 }, (_, i) => 4 + i));
});
