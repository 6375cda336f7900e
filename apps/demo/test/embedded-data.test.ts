import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PosterProgress, prepareEmbeddedData } from '@sifaka/demo';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MOVIES = Array.from({ length: 30 }, (_, i) => `${i + 1},"Film ${i + 1}, The (${1960 + 2 * i})",Comedy|Drama`);

let source: string;
let folder: string;

beforeEach(async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'sifaka-embedded-'));
  source = path.join(base, 'source');
  folder = path.join(base, 'folder');
  await mkdir(source);
  for (const name of ['README.txt', 'links.csv', 'ratings.csv', 'tags.csv']) {
    await writeFile(path.join(source, name), `${name}\r\n`);
  }
  await writeFile(path.join(source, 'movies.csv'), ['movieId,title,genres', ...MOVIES, ''].join('\r\n'));
});
afterEach(() => rm(path.dirname(source), { recursive: true }));

it('lays out the files unchanged, a poster per movie, and a note that the posters are rendered', async () => {
  const progress: PosterProgress[] = [];
  const data = await prepareEmbeddedData({ folder, source, onProgress: (step) => progress.push(step) });
  expect(data).toEqual({ folder, movies: 30, postersRendered: 30, postersReused: 0 });
  expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  for (const name of await readdir(source)) {
    expect(await readFile(path.join(folder, name)), name).toEqual(await readFile(path.join(source, name)));
  }
  const names = Array.from({ length: 30 }, (_, i) => `${i + 1}.jpg`);
  expect((await readdir(path.join(folder, 'posters'))).sort()).toEqual(names.sort());
  expect(await readFile(path.join(folder, 'RENDERED.txt'), 'utf8')).toMatch(/rendered .* not the films' real artwork/s);
});

it('continues where it was interrupted, with the posters of an uninterrupted run', async () => {
  const controller = new AbortController();
  const interrupted = prepareEmbeddedData({
    folder,
    source,
    signal: controller.signal,
    onProgress: ({ done }) => done === 7 && controller.abort(new Error('Ctrl-C')),
  });
  await expect(interrupted).rejects.toThrow('Ctrl-C');
  const there = await readdir(path.join(folder, 'posters'));
  expect(there.length).toBeGreaterThanOrEqual(7);
  expect(there.length).toBeLessThan(30);
  expect(there.filter((name) => !name.endsWith('.jpg'))).toEqual([]);

  const resumed = await prepareEmbeddedData({ folder, source });
  expect(resumed).toEqual({ folder, movies: 30, postersRendered: 30 - there.length, postersReused: there.length });
  const whole = path.join(path.dirname(folder), 'whole');
  await prepareEmbeddedData({ folder: whole, source });
  for (const name of await readdir(path.join(whole, 'posters'))) {
    expect(await readFile(path.join(folder, 'posters', name))).toEqual(
      await readFile(path.join(whole, 'posters', name)),
    );
  }
});

it('keeps existing posters, and renders those of another renderer version again', async () => {
  await prepareEmbeddedData({ folder, source });
  const poster = path.join(folder, 'posters', '1.jpg');
  const { mtimeMs } = await stat(poster);
  expect(await prepareEmbeddedData({ folder, source })).toMatchObject({ postersRendered: 0, postersReused: 30 });
  expect((await stat(poster)).mtimeMs).toBe(mtimeMs);

  const note = path.join(folder, 'RENDERED.txt');
  await writeFile(note, (await readFile(note, 'utf8')).replace(/Renderer: .*/, 'Renderer: of last year'));
  expect(await prepareEmbeddedData({ folder, source })).toMatchObject({ postersRendered: 30, postersReused: 0 });
});

it('writes nothing into a prepared folder, which may be read-only', async () => {
  await prepareEmbeddedData({ folder, source });
  const names = ['RENDERED.txt', ...(await readdir(source))];
  const times = () => Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).mtimeMs));
  const before = await times();
  await prepareEmbeddedData({ folder, source });
  expect(await times()).toEqual(before);
  await writeFile(path.join(source, 'ratings.csv'), 'other ratings');
  await prepareEmbeddedData({ folder, source });
  expect(await readFile(path.join(folder, 'ratings.csv'), 'utf8')).toBe('other ratings');
});

it('removes unfinished files of killed processes, and leaves those of a living one', async () => {
  await prepareEmbeddedData({ folder, source });
  const { pid } = spawnSync(process.execPath, ['--version']);
  const [dead, living] = [pid, process.pid].map((id) =>
    path.join(folder, 'posters', `1.jpg.${id}-${randomUUID()}.tmp`),
  );
  for (const file of [dead!, living!]) await writeFile(file, 'unfinished');
  await prepareEmbeddedData({ folder, source });
  expect([dead!, living!].map((file) => existsSync(file))).toEqual([false, true]);
});

it("refuses a folder with somebody else's posters, and leaves them alone", async () => {
  await mkdir(path.join(folder, 'posters'), { recursive: true });
  await writeFile(path.join(folder, 'posters', '1.jpg'), 'real artwork');
  await expect(prepareEmbeddedData({ folder, source })).rejects.toThrow(/posters without RENDERED\.txt/);
  expect(await readFile(path.join(folder, 'posters', '1.jpg'), 'utf8')).toBe('real artwork');
});

it('names the file of movies if it is missing', async () => {
  await rm(path.join(source, 'movies.csv'));
  await expect(prepareEmbeddedData({ folder, source })).rejects.toThrow(/movies\.csv/);
});
