import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const TRAIN = ['train', '--data', 'data', '--batch-size', '16', '--steps', '2'];

it('trains on permuted contents, names them, and continues with no other ones', async () => {
  const { code, output, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--control', 'permuted']);
  expect(code, errors).toBe(0);
  expect(output).toContain('control: permuted posters, titles, texts and genres');
  const file = /^Report +(.+)$/m.exec(output)![1]!;
  const { data } = JSON.parse(await readFile(path.join(world.workingFolder, file), 'utf8'));
  expect(data.control).toEqual({ kind: 'permuted', seed: 1 });
  const other = await tryDemo(world.workingFolder, [...TRAIN, '--resume']);
  expect(other.code).toBe(1);
  expect(other.errors).toContain('control: "permuted, seed 1" there, none here');
});

it('compare trains them beside a model that reads contents, and ids alone on blank ones', async () => {
  const argv = ['compare', '--data', 'data', '--batch-size', '16', '--steps', '1', '--seed', '1'];
  argv.push('--preset', 'lemur,idOnly');
  const { code, output, errors } = await tryDemo(world.workingFolder, argv);
  expect(code, errors).toBe(0);
  expect(output).toMatch(/^ {2}lemur − lemur \(permuted\) +[+−]\d\.\d{4} /m);
  expect(output).toMatch(/^ {2}lemur − lemur \(blank\) +[+−]\d\.\d{4} /m);
  // The statistics of ids alone come from genres and words too.
  expect(output).toMatch(/^ {2}lemur \(blank\) − idOnly \(blank\) +[+−]\d\.\d{4} /m);
  expect(output).toMatch(/^ {2}idOnly − idOnly \(blank\) +[+−]\d\.\d{4} /m);
  expect(output).not.toContain('idOnly (permuted)');
});
