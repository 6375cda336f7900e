import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '@sifaka/cli';
import { loadMovieLens } from '@sifaka/demo';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';

const world = tinyFolders();
const load = (): Promise<Dataset> =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache') });
const replaceRating = (from: string, to: string) =>
  world.tiny.edit('ratings.csv', (lines) =>
    lines.map((line) => {
      const cells = line.split(',');
      return (cells[2] === from ? cells.with(2, to) : cells).join(',');
    }),
  );

it('counts a movie as liked from 4 stars', async () => {
  const { samples } = await load();
  await replaceRating('4.5', '4');
  expect((await load()).samples.labels).toEqual(samples.labels);
  await replaceRating('4', '3.5');
  await expect(load()).rejects.toThrow(/got 0 liked and 720 disliked/);
});

it('reads genres as words', async () => {
  const { catalogue } = await load();
  await world.tiny.edit('movies.csv', (lines) => lines.map((line) => line.replace('|', ' ')));
  expect((await load()).catalogue.documents.ids).toEqual(catalogue.documents.ids);
});

it('makes room for overviews in the documents', async () => {
  expect((await load()).catalogue.documents.maxLength).toBe(16);
  await writeFile(world.tiny.file('overviews.csv'), 'movieId,overview\r\n1,A film.\r\n');
  expect((await load()).catalogue.documents.maxLength).toBe(40);
});
