import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeImage, decodeImages, type OpenImagesOptions, openImages } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { beforeEach, expect, test } from 'vitest';
import { folderMaker } from './tiny-checkpoint.js';

const SIZE = { width: 6, height: 4 };
const BYTES = 6 * 4 * 3;

const makeFolder = folderMaker();
let folder: string;
let files: (string | undefined)[];
beforeEach(async () => {
  folder = makeFolder();
  const sources = makeFolder();
  files = [];
  for (const [i, background] of ['teal', 'orange', 'navy', 'white'].entries()) {
    const file = path.join(sources, `${i}.jpg`);
    writeFileSync(file, await poster(background));
    files.push(file);
  }
  const broken = path.join(sources, 'broken.jpg');
  writeFileSync(broken, readFileSync(files[0]!).subarray(0, 200));
  files.splice(1, 0, undefined, broken);
});

function poster(background: string): Promise<Buffer> {
  const image = sharp({ create: { width: 24, height: 16, channels: 3, background } });
  return image.jpeg({ progressive: true }).toBuffer();
}

const open = (options: Partial<OpenImagesOptions> = {}) => openImages(files, { size: SIZE, folder, ...options });

test('an image store reads what decodeImages decodes, in any order, into a buffer', async () => {
  const expected = await decodeImages(files, { size: SIZE });
  const progress: [number, number][] = [];
  const store = await open({ onProgress: (done, total) => progress.push([done, total]) });
  expect(store.status).toEqual(expected.status);
  expect(store.broken).toEqual(expected.broken);
  expect(store).toMatchObject({ size: SIZE, decoded: 4 });
  expect(progress.at(-1)).toEqual([6, 6]);
  const buffer = new Uint8Array(3 * BYTES).fill(7);
  const indices = [5, 1, 0]; // 1 is missing: zeros
  expect(await store.read(indices, buffer)).toBe(buffer);
  indices.forEach((index, i) => {
    const row = expected.pixels.subarray(index * BYTES, (index + 1) * BYTES);
    expect(buffer.subarray(i * BYTES, (i + 1) * BYTES)).toEqual(row);
  });
  await expect(store.read([6])).rejects.toThrow('ImageStore.read: expected indices in 0 … 5, got 6');
  await expect(store.read([0], buffer)).rejects.toThrow(`expected 1 · ${BYTES} bytes to fill, got ${3 * BYTES}`);
  store.close();
});

test('a second store decodes only what changed', async () => {
  (await open()).close();
  const same = await open();
  expect(same.decoded).toBe(0);
  expect([...same.status]).toEqual([1, 0, 2, 1, 1, 1]);
  same.close();

  writeFileSync(files[3]!, await poster('black'));
  utimesSync(files[3]!, 1, 1);
  const changed = await open();
  expect(changed.decoded).toBe(1);
  expect(await changed.read([3])).toEqual(await decodeImage(files[3]!, SIZE));
  expect(Math.max(...(await changed.read([3])))).toBeLessThan(5);
  changed.close();

  const larger = await open({ size: { width: 8, height: 8 } });
  expect(larger.decoded).toBe(4);
  expect(await larger.read([0])).toEqual(await decodeImage(files[0]!, { width: 8, height: 8 }));
  larger.close();
  const again = await open();
  expect(again.decoded).toBe(0);
  again.close();
});

test('a call that was stopped goes on where it was', async () => {
  const controller = new AbortController();
  const some = openImages(files.slice(0, 4), { size: SIZE, folder });
  (await some).close();
  controller.abort(new Error('stopped'));
  await expect(open({ signal: controller.signal })).rejects.toThrow('stopped');
  const store = await open();
  expect(store.decoded).toBe(2);
  store.close();
});

test('a damaged row is decoded again', async () => {
  (await open()).close();
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.rows'));
  const file = path.join(folder, name!);
  const bytes = readFileSync(file);
  bytes[8 + 28 + 5]! ^= 1; // in the first row
  writeFileSync(file, bytes);
  for (const decoded of [0, 0]) {
    const store = await open();
    expect(store.decoded).toBe(decoded);
    for (const index of [0, 3, 4, 5]) expect(await store.read([index])).toEqual(await decodeImage(files[index]!, SIZE));
    store.close();
  }
});

test('images beyond the limit of the folder are decoded when they are read', async () => {
  const warnings: string[] = [];
  const store = await open({ maxFolderBytes: 250, onWarning: (message) => warnings.push(message) });
  for (const index of [0, 3, 4, 5]) expect(await store.read([index])).toEqual(await decodeImage(files[index]!, SIZE));
  expect(warnings).toEqual([expect.stringContaining('openImages: cannot write rows')]);
  store.close();
  await expect(open({ maxFolderBytes: -1 })).rejects.toThrow('openImages: expected maxFolderBytes');
});
