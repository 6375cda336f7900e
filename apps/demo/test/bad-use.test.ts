import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const TRAIN = ['train', '--data', 'data', '--batch-size', '16', '--steps', '2'];

it.each<[what: string, argv: string[], message: string]>([
  ['an unknown option', ['--stepz', '3'], "Unknown option '--stepz' (--help lists all options)"],
  [
    'an unknown command',
    ['trian'],
    'command: expected one of start, train, compare, ablate, em3, baselines, got trian',
  ],
  ['an unknown engine', ['train', '--engine', 'quantum'], 'Engine quantum: expected one of auto, '],
  ['a folder that is not there', ['train', '--data', 'nowhere'], '--data: expected a folder, found nothing at '],
  ['a file for a folder', ['train', '--data', 'data/movies.csv'], '--data: expected a folder, got the file '],
  [
    'an output folder that cannot be one',
    ['train', '--data', 'data', '--output', 'data/movies.csv'],
    '--output: expected a folder to write to, got EEXIST',
  ],
  [
    'a batch larger than the data',
    ['train', '--data', 'data', '--batch-size', '721'],
    '--batch-size: expected at most 720, the number of events in train, got 721',
  ],
])('explains %s in one message and exits with 1', async (_, argv, message) => {
  const { code, errors } = await tryDemo(world.workingFolder, argv);
  expect(code).toBe(1);
  expect(errors).toContain(`\n${message}`);
  expect(errors).not.toMatch(/^ +at /m);
});

it('explains a bad table with file and line', async () => {
  await world.tiny.edit('ratings.csv', (lines) => lines.with(11, '3,7,four,1000000000'));
  const { code, errors } = await tryDemo(world.workingFolder, ['train', '--data', 'data']);
  expect(code).toBe(1);
  const file = path.join(world.tiny.folder, 'ratings.csv');
  expect(errors.trim()).toBe(`readInteractions: expected a number in rating, got "four" (${file}, line 12, row 11)`);
});

it('goes on with a warning if the cache cannot be written', async () => {
  await writeFile(path.join(world.workingFolder, 'cache'), 'in the way');
  const { code, output, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--preset', 'idOnly']);
  expect(code, errors).toBe(0);
  expect(output).toContain('posters: 40 read');
  expect(output).toMatch(
    / {9}warning: the cache of decoded posters cannot be used \(.*E\w+: .*SIFAKA_CACHE names another/,
  );
});

it('goes on with a warning if the cache file itself cannot be read or written', async () => {
  await tryDemo(world.workingFolder, [...TRAIN, '--preset', 'idOnly']);
  const cache = path.join(world.workingFolder, 'cache');
  const [name] = await readdir(cache);
  await rm(path.join(cache, name!));
  await mkdir(path.join(cache, name!));
  const { code, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--preset', 'idOnly']);
  expect(code, errors).toBe(0);
});

it('names the variable if the embedded data has no folder to be written to', async () => {
  await writeFile(path.join(world.workingFolder, 'cache'), 'in the way');
  const { code, errors } = await tryDemo(world.workingFolder, ['train']);
  expect(code).toBe(1);
  expect(errors).toMatch(/\nSIFAKA_CACHE: expected a folder to write the embedded data to, got E\w+: .*cache/);
  expect(errors).not.toMatch(/^ +at /m);
});

it('prints help', async () => {
  await rm(world.tiny.folder, { recursive: true });
  const { code, output } = await tryDemo(world.workingFolder, ['--help']);
  expect(code).toBe(0);
  expect(output).toContain('npm run demo -- train --data DIR');
});
