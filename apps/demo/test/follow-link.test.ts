import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadMovieLens } from '@sifaka/demo';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';

const world = tinyFolders();
const load = () =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache') }).then(
    ({ report, warnings }) => ({
      images: report.images,
      texts: report.texts,
      fingerprint: report.fingerprint,
      warnings,
    }),
  );

it('follows a file that stands for a link', async () => {
  await writeFile(world.tiny.file('overviews.csv'), 'movieId,overview\n1,A film\n');
  const before = await load();
  const elsewhere = path.join(world.workingFolder, 'elsewhere');
  await mkdir(elsewhere);
  for (const name of ['posters', 'overviews.csv']) {
    await rename(world.tiny.file(name), path.join(elsewhere, name));
    await writeFile(world.tiny.file(name), `../elsewhere/${name}\n`);
  }
  const warnings = ['overviews.csv', 'posters'].map(
    (name) => `${name} is a link to ${path.join(elsewhere, name)}, outside the data folder`,
  );
  expect(await load()).toEqual({ ...before, warnings });
  expect(before.images.missing).toBe(0);
});

it('reads a file that leads nowhere as a table', async () => {
  await writeFile(world.tiny.file('overviews.csv'), '../nowhere/overviews.csv');
  await expect(load()).rejects.toThrow('expected a column "movieId", found columns: ../nowhere/overviews.csv');
});
