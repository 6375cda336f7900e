import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '@sifaka/cli';
import { loadMovieLens } from '@sifaka/demo';
import { expect, it } from 'vitest';
import { MOVIES, RATINGS, type TinyFolder, tinyFolders } from './tiny-movielens.js';

const world = tinyFolders();
const load = (): Promise<Dataset> =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache') });

/** Line 1 is the header. */
const replaceLine = (line: number, text: string) => (lines: string[]) => lines.with(line - 1, text);

it('reads a good folder and counts its contents', async () => {
  const { report, samples, cold, warnings } = await load();
  expect(report).toMatchObject({ events: RATINGS, users: 25, items: MOVIES, train: 720, validation: 90, test: 90 });
  expect(report).toMatchObject({ duplicateRows: 0, duplicateItems: 0, unknownItemEvents: 0, brokenImages: [] });
  expect(report.images).toEqual({ ok: MOVIES, missing: 0, broken: 0 });
  expect(report.texts).toEqual({ ok: MOVIES, missing: 0 });
  expect(report.coldItems).toBe(4);
  expect([...cold]).toEqual(Array.from({ length: MOVIES }, (_, item) => (item < MOVIES - 4 ? 0 : 1)));
  expect(samples.length).toBe(RATINGS);
  expect(warnings).toEqual([]);
});

it('has the same fingerprint for the same files, and another one after any change', async () => {
  const before = (await load()).report.fingerprint;
  expect((await load()).report.fingerprint).toBe(before);
  await world.tiny.edit('movies.csv', replaceLine(9, '8,Another title (1999),Drama'));
  const renamed = (await load()).report.fingerprint;
  await world.tiny.edit('ratings.csv', (lines) => lines.slice(0, -1));
  const shorter = (await load()).report.fingerprint;
  expect(new Set([before, renamed, shorter]).size).toBe(3);
});

it.each<[what: string, spoil: (tiny: TinyFolder) => Promise<unknown>, message: RegExp]>([
  [
    'no data folder',
    (tiny) => rm(tiny.folder, { recursive: true }),
    /^--data: expected a folder, found nothing at .*data$/,
  ],
  [
    'a file instead of the data folder',
    async (tiny) => {
      await rm(tiny.folder, { recursive: true });
      await writeFile(tiny.folder, '');
    },
    /^--data: expected a folder, got the file .*data$/,
  ],
  ['no movies.csv', (tiny) => rm(tiny.file('movies.csv')), /no such file; the folder holds ratings\.csv .*movies\.csv/],
  [
    'no ratings.csv',
    (tiny) => rm(tiny.file('ratings.csv')),
    /no such file; the folder holds movies\.csv .*ratings\.csv/,
  ],
  ['an empty movies.csv', (tiny) => writeFile(tiny.file('movies.csv'), ''), /got an empty file .*movies\.csv/],
  ['an empty ratings.csv', (tiny) => writeFile(tiny.file('ratings.csv'), ''), /got an empty file .*ratings\.csv/],
  [
    'ratings.csv with its header alone',
    (tiny) => tiny.edit('ratings.csv', (lines) => lines.slice(0, 1)),
    /expected at least one row, got none .*ratings\.csv/,
  ],
  [
    'no column title',
    (tiny) => tiny.edit('movies.csv', replaceLine(1, 'movieId,name,genres')),
    /expected a column "title", found columns: movieId, name, genres .*movies\.csv/,
  ],
  [
    'no column timestamp',
    (tiny) => tiny.edit('ratings.csv', replaceLine(1, 'userId,movieId,rating,time')),
    /expected a column "timestamp", found columns: userId, movieId, rating, time .*ratings\.csv/,
  ],
  [
    'overviews.csv without its column',
    (tiny) => writeFile(tiny.file('overviews.csv'), 'movieId,text\r\n1,A film.\r\n'),
    /expected a column "overview", found columns: movieId, text .*overviews\.csv/,
  ],
  [
    'a rating that is not a number',
    (tiny) => tiny.edit('ratings.csv', replaceLine(12, '3,7,four,1000000000')),
    /expected a number in rating, got "four" .*ratings\.csv, line 12/,
  ],
  [
    'no rating',
    (tiny) => tiny.edit('ratings.csv', replaceLine(12, '3,7,,1000000000')),
    /expected a number in rating, got null .*ratings\.csv, line 12/,
  ],
  [
    'a timestamp in milliseconds',
    (tiny) => tiny.edit('ratings.csv', replaceLine(13, '3,7,4,1000000000000')),
    /expected Unix seconds .* in timestamp, got "1000000000000", which looks like milliseconds .*ratings\.csv, line 13/,
  ],
  [
    'a timestamp before there were computers',
    (tiny) => tiny.edit('ratings.csv', replaceLine(13, '3,7,4,-5000000000')),
    /expected Unix seconds .* in timestamp, got "-5000000000" .*ratings\.csv, line 13/,
  ],
  [
    'a rating without a user',
    (tiny) => tiny.edit('ratings.csv', replaceLine(14, ',7,4,1000000000')),
    /expected an id in userId, got an empty cell .*ratings\.csv, line 14/,
  ],
  ['a row with a cell too few', (tiny) => tiny.edit('ratings.csv', replaceLine(15, '3,7,4')), /ratings\.csv, line 15/],
  [
    'ratings that are all below 4',
    (tiny) =>
      tiny.edit('ratings.csv', ([head, ...rows]) => [
        head!,
        ...rows.map((row) => row.replace(/,[\d.]+,(\d+)$/, ',1,$1')),
      ]),
    /expected liked and disliked samples in the train part, got 0 liked and \d+ disliked/,
  ],
  [
    'no text at all',
    (tiny) => tiny.edit('movies.csv', ([head, ...rows]) => [head!, ...rows.map((_, i) => `${i + 1},,`)]),
    /expected a title, genres or an overview of at least one movie in train, got none .*movies\.csv/,
  ],
])('refuses %s', async (_, spoil, message) => {
  await spoil(world.tiny);
  await expect(load()).rejects.toThrow(message);
});

it('counts duplicate ratings and keeps the first', async () => {
  await world.tiny.edit('ratings.csv', (lines) => [...lines, lines[5]!, lines[5]!, lines[9]!]);
  const { report } = await load();
  expect(report).toMatchObject({ events: RATINGS, duplicateRows: 3 });
});

it('counts duplicate movies and keeps the first', async () => {
  const before = await load();
  await world.tiny.edit('movies.csv', (lines) => [...lines, '7,Quite another title,Drama']);
  const { report, catalogue } = await load();
  expect(report).toMatchObject({ items: MOVIES, duplicateItems: 1 });
  expect(catalogue.documents.ids).toEqual(before.catalogue.documents.ids);
});

it('counts movies without text and continues', async () => {
  await world.tiny.edit('movies.csv', (lines) => lines.with(8, '8,,(no genres listed)').with(9, '9,,'));
  const { report, catalogue } = await load();
  expect(report.texts).toEqual({ ok: MOVIES - 2, missing: 2 });
  expect([7, 8].map((item) => catalogue.documents.lengths[item])).toEqual([0, 0]);
  expect(catalogue.documents.lengths[6]).toBeGreaterThan(0);
});

it('counts ratings of movies that movies.csv does not list, and keeps them without text', async () => {
  await world.tiny.edit('movies.csv', (lines) => lines.filter((line) => !line.startsWith('8,')));
  const { report, samples } = await load();
  const ofTheMovie = samples.items.filter((item) => item === MOVIES - 1).length; // Unlisted movies come last.
  expect(ofTheMovie).toBeGreaterThan(0);
  expect(report).toMatchObject({ events: RATINGS, items: MOVIES, unknownItemEvents: ofTheMovie });
  expect(report.texts.missing).toBe(1);
});

it('reads overviews, which are optional', async () => {
  const without = await load();
  await writeFile(world.tiny.file('overviews.csv'), 'movieId,overview\r\n1,"A film, and ""what"" a film."\r\n2,\r\n');
  const { catalogue } = await load();
  const [first, second] = [0, 1].map((item) => catalogue.documents.lengths[item]!);
  expect(first).toBeGreaterThan(without.catalogue.documents.lengths[0]!);
  expect(second).toBe(without.catalogue.documents.lengths[1]!);
});

it('warns if the split by time leaves a part empty', async () => {
  await world.tiny.edit('ratings.csv', ([head, ...rows]) => [
    head!,
    ...rows.map((row) => row.replace(/\d+$/, '1000000000')),
  ]);
  const { report, warnings } = await load();
  expect(report).toMatchObject({ validation: 0, test: 0 });
  expect(warnings).toEqual([
    'the validation part is empty',
    'the test part is empty',
    expect.stringMatching(/^all \d+ events are of visits that began at one time, and a split by time/),
    expect.stringMatching(/^every user has one visit, so all histories are empty/),
  ]);
});
