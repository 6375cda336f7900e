import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '@sifaka/cli';
import { loadMovieLens } from '@sifaka/demo';
import type { Catalogue } from '@sifaka/trainer';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { MOVIES, plainPicture, tinyFolders } from './tiny-movielens.js';

const world = tinyFolders();
const load = (options: { signal?: AbortSignal; onProgress?: (done: number) => void } = {}): Promise<Dataset> =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache'), ...options });

/** The mean colour of a movie's poster as the model sees it. */
function meanColour({ images }: Catalogue, movie: number): number[] {
  const size = images.height * images.width * 3;
  const pixels = images.pixels.subarray((movie - 1) * size, movie * size);
  return [0, 1, 2].map((channel) => {
    const values = pixels.filter((_, k) => k % 3 === channel);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

it('counts a missing poster', async () => {
  await rm(world.tiny.file('posters', '7.jpg'));
  const { report, catalogue } = await load();
  expect(report.images).toEqual({ ok: MOVIES - 1, missing: 1, broken: 0 });
  expect(catalogue.images.present[6]).toBe(0);
  expect(meanColour(catalogue, 7)).toEqual([0, 0, 0]);
});

it('counts all posters as missing if their folder is, and warns', async () => {
  await rm(world.tiny.file('posters'), { recursive: true });
  const { report, warnings } = await load();
  expect(report.images).toEqual({ ok: 0, missing: MOVIES, broken: 0 });
  expect(warnings).toEqual(['there is no posters folder, so no movie has a poster']);
});

it('counts a truncated poster as broken, names it, and continues', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  const background = { r: 128, g: 128, b: 128 };
  const whole = await sharp({ create: { width: 120, height: 180, channels: 3, background, noise } })
    .jpeg()
    .toBuffer();
  await world.tiny.poster(3, whole.subarray(0, whole.length / 2));
  const { report } = await load();
  expect(report.images).toEqual({ ok: MOVIES - 1, missing: 0, broken: 1 });
  expect(report.brokenImages).toEqual([{ file: '3.jpg', reason: 'truncated' }]);
});

it('counts a file that is not a picture as broken, names file and reason, and continues', async () => {
  await world.tiny.poster(4, new Uint8Array());
  await world.tiny.poster(5, Buffer.from('<html>404 Not Found</html>'));
  await rm(world.tiny.file('posters', '6.jpg'));
  await mkdir(world.tiny.file('posters', '6.jpg'));
  const { report, catalogue } = await load();
  expect(report.images).toEqual({ ok: MOVIES - 3, missing: 0, broken: 3 });
  expect(report.brokenImages).toEqual([
    { file: '4.jpg', reason: 'empty' },
    { file: '5.jpg', reason: 'unreadable' },
    { file: '6.jpg', reason: 'unreadable' },
  ]);
  expect([...catalogue.images.present.subarray(2, 7)]).toEqual([1, 0, 0, 0, 1]);
});

it('reads pictures of any shape and kind', async () => {
  await world.tiny.poster(1, plainPicture(1, 1, true).jpeg());
  await world.tiny.poster(2, plainPicture(20_000, 8, true).jpeg());
  await world.tiny.poster(3, plainPicture(24, 36, true).toColourspace('cmyk').jpeg());
  await world.tiny.poster(4, plainPicture(24, 36, true).greyscale().jpeg());
  const clear = sharp({ create: { width: 24, height: 36, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } });
  await world.tiny.poster(5, clear.png()); // A PNG with the name of a JPEG.
  expect((await sharp(await readFile(world.tiny.file('posters', '3.jpg'))).metadata()).space).toBe('cmyk');

  const { report, catalogue } = await load();
  expect(report.images).toEqual({ ok: MOVIES, missing: 0, broken: 0 });
  for (const movie of [1, 2, 3]) {
    const [red, , blue] = meanColour(catalogue, movie);
    expect(red! - blue!, `movie ${movie}`).toBeGreaterThan(100);
  }
  const [red, green, blue] = meanColour(catalogue, 4);
  expect([green, blue]).toEqual([red, red]);
  expect(meanColour(catalogue, 5)).toEqual([128, 128, 128]); // Transparent pixels are laid on mid-grey.
});

it('stops between two posters when it is interrupted, and can start again', async () => {
  const controller = new AbortController();
  let decoded = 0;
  const onProgress = (done: number) => {
    decoded = done;
    if (done === 5) controller.abort(new Error('Ctrl-C'));
  };
  await expect(load({ signal: controller.signal, onProgress })).rejects.toThrow('Ctrl-C');
  expect(decoded).toBeLessThan(MOVIES);
  expect((await load()).report.images.ok).toBe(MOVIES);
});
