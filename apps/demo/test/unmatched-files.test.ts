import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '@sifaka/cli';
import { splitByTime } from '@sifaka/data';
import { type LoadMovieLensOptions, loadMovieLens } from '@sifaka/demo';
import { describe, expect, it } from 'vitest';
import { MOVIES, plainPicture, tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const load = (options: Partial<LoadMovieLensOptions> = {}): Promise<Dataset> =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache'), ...options });
const poster = (...names: string[]) => world.tiny.file('posters', ...names);

describe('ids of another kind', () => {
  it('warns if no overview belongs to a movie, and if some do not', async () => {
    const rows = (ids: string[]) => ['movieId,overview', ...ids.map((id) => `${id},A film.`), ''].join('\r\n');
    const without = await load();
    await writeFile(world.tiny.file('overviews.csv'), rows(['1.0', '2.0']));
    const none = await load();
    expect(none.warnings).toEqual([
      'overviews.csv: 2 of 2 overviews are of movies that movies.csv does not list; ' +
        'ids look like "1.0" there, like "1" in movies.csv',
    ]);
    expect(none.report.warnings).toEqual(none.warnings);
    expect(none.report.fingerprint).toBe(without.report.fingerprint);
    await writeFile(world.tiny.file('overviews.csv'), rows(['1', 'x', '2']));
    const some = await load();
    expect(some.warnings).toEqual([expect.stringContaining('1 of 3 overviews are of movies')]);
    expect(some.report.fingerprint).not.toBe(without.report.fingerprint);
  });

  it('refuses ratings of which no movie is listed, by their ids', async () => {
    await world.tiny.edit('ratings.csv', (lines) => lines.map((line) => line.replace(/^(\d+,\d+)/, '$1.0')));
    await expect(load()).rejects.toThrow(
      /expected movieIds that movies\.csv lists, got none of them: ids look like "\d+\.0" there, like "1" in movies\.csv.*ratings\.csv/,
    );
  });

  it('warns if most ratings are of unlisted movies', async () => {
    await world.tiny.edit('movies.csv', (lines) => lines.slice(0, 12));
    const { warnings, report } = await load();
    expect(report.unknownItemEvents).toBeGreaterThan(450);
    expect(warnings[0]).toMatch(
      new RegExp(`^ratings\\.csv: ${report.unknownItemEvents} of 900 ratings are of movies that .* like "\\d+" there`),
    );
  });
});

it('warns if most tags are of users without ratings', async () => {
  const rows = (users: string[]) => [
    'userId,movieId,tag,timestamp',
    ...users.map((id) => `${id},1,dark,1000300000`),
    '',
  ];
  await writeFile(world.tiny.file('tags.csv'), rows(['1.0', '2.0', '3']).join('\r\n'));
  expect((await load()).warnings).toEqual(['tags.csv: 2 of 3 tags are of users without ratings']);
  await writeFile(world.tiny.file('tags.csv'), rows(['1.0', '2', '3']).join('\r\n'));
  expect((await load()).warnings).toEqual([]);
});

describe('posters', () => {
  it.each(['png', 'jpeg', 'JPG', 'webp', 'Tiff'])('are found with the ending %s', async (ending) => {
    const before = await load();
    await rename(poster('7.jpg'), poster(`7.${ending}`));
    const { report, warnings } = await load();
    expect(report.images).toEqual({ ok: MOVIES, missing: 0, broken: 0 });
    expect(warnings).toEqual([]);
    expect(report.fingerprint).toBe(before.report.fingerprint);
  });

  it('are found in sub-folders, the nearest to the top first, then jpg before others', async () => {
    const before = await load();
    await mkdir(poster('0', '1'), { recursive: true });
    await rename(poster('7.jpg'), poster('0', '1', '7.jpg'));
    await writeFile(poster('0', '8.jpg'), await plainPicture(24, 36, false).jpeg().toBuffer());
    await writeFile(poster('9.jpeg'), await plainPicture(24, 36, true).jpeg().toBuffer());
    const { report, warnings } = await load();
    expect(report.fingerprint).toBe(before.report.fingerprint);
    expect(warnings).toEqual(['files in posters of a movie that has another one: 2, not read']);
  });

  it('that belong to no movie are counted in a warning, hidden files are not', async () => {
    await rename(poster('7.jpg'), poster('tt0007.jpg'));
    await rename(poster('8.jpg'), poster('8'));
    for (const name of ['.DS_Store', 'Thumbs.db']) await writeFile(poster(name), '');
    const { report, warnings } = await load();
    expect(report.images).toEqual({ ok: MOVIES - 2, missing: 2, broken: 0 });
    expect(warnings).toEqual(['files in posters that belong to no movie: 2, such as 8']);
  });

  it('that all belong to no movie are a warning of their own', async () => {
    for (let id = 1; id <= MOVIES; id++) await rename(poster(`${id}.jpg`), poster(`${id}.0.jpg`));
    const { report, warnings } = await load();
    expect(report.images.missing).toBe(MOVIES);
    expect(warnings[0]).toBe('no file in posters belongs to a movie; expected MOVIE_ID.jpg');
    expect(warnings[1]).toMatch(/^files in posters that belong to no movie: 40, such as 1\.0\.jpg$/);
  });

  it('are never read by a movie id with a path in it', async () => {
    await mkdir(world.tiny.file('private'));
    await rename(poster('3.jpg'), world.tiny.file('private', 'photo.jpg'));
    for (const table of ['movies.csv', 'ratings.csv']) {
      await world.tiny.edit(table, (lines) =>
        lines.map((line) => line.replace(/^3,F/, '../private/photo,F').replace(/^(\d+),3,/, '$1,../private/photo,')),
      );
    }
    const { report, warnings } = await load();
    expect(report.images).toEqual({ ok: MOVIES - 1, missing: 1, broken: 0 });
    expect(warnings).toEqual([
      'movie ids that cannot be the name of a file, so have no poster: 1, such as ../private/photo',
    ]);
  });

  it('are followed to links in the data folder, and not to those outside it', async () => {
    const before = await load();
    await rename(poster('3.jpg'), world.tiny.file('3.jpg'));
    await symlink(world.tiny.file('3.jpg'), poster('3.jpg'));
    expect((await load()).report.fingerprint).toBe(before.report.fingerprint);
    await rename(poster('4.jpg'), path.join(world.workingFolder, 'private.jpg'));
    await symlink(path.join(world.workingFolder, 'private.jpg'), poster('4.jpg'));
    const { report, warnings } = await load();
    expect(report.images).toEqual({ ok: MOVIES - 1, missing: 1, broken: 0 });
    expect(warnings).toEqual(['links in posters that lead outside the data folder: 1, not followed']);
  });

  it('may be in a folder elsewhere, which is said', async () => {
    const before = await load();
    await cp(poster(), path.join(world.workingFolder, 'elsewhere'), { recursive: true });
    await rm(poster(), { recursive: true });
    await symlink(path.join(world.workingFolder, 'elsewhere'), poster());
    const { report, warnings } = await load();
    expect(report.fingerprint).toBe(before.report.fingerprint);
    expect(warnings).toEqual([expect.stringMatching(/^posters is a link to .*elsewhere, outside the data folder$/)]);
  });
});

it('shows control characters of ids instead of obeying them', async () => {
  await world.tiny.edit('ratings.csv', (lines) => lines.map((line) => line.replace(/^(\d+),3,/, '$1,\u001b[2J/3,')));
  const argv = ['train', '--data', 'data', '--batch-size', '16', '--steps', '1', '--preset', 'idOnly'];
  const { output, errors, code } = await tryDemo(world.workingFolder, argv);
  expect(code, errors).toBe(0);
  expect(output).toContain('such as \\u001b[2J/3');
  expect(output).not.toContain('\u001b');
});

describe('no look into the future', () => {
  it('makes the vocabulary of the movies in train alone', async () => {
    const before = await load();
    const words = 'Zyxwvut Qponmlk Zyxwvut Qponmlk Jihgfed Cbazyx Jihgfed Cbazyx';
    const cold = MOVIES - 4;
    await world.tiny.edit('movies.csv', (lines) =>
      lines.map((line, i) => (i > cold ? `${i},${words.repeat(3)},Drama` : line)),
    );
    const after = await load();
    expect(after.catalogue.vocabularySize).toBe(before.catalogue.vocabularySize);
    const ofTrain = ({ catalogue: { documents } }: Dataset) => documents.ids.subarray(0, cold * documents.maxLength);
    expect(ofTrain(after)).toEqual(ofTrain(before));
    expect(after.catalogue.documents.ids).not.toEqual(before.catalogue.documents.ids);
  });

  it('refuses a split that trains on the future', async () => {
    const leaky = load({
      split: (samples) => {
        const { train, validation, ...split } = splitByTime(samples);
        return { ...split, train: validation, validation: train };
      },
    });
    await expect(leaky).rejects.toThrow(/^assertNoLeakage: .*expected validation to be later than all before it/);
  });
});
