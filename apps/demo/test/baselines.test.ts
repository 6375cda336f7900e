import { existsSync } from 'node:fs';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();

it('prints every baseline, without an engine and without files', async () => {
  const { code, output, errors } = await tryDemo(world.workingFolder, ['baselines', '--data', 'data']);
  expect(code, errors).toBe(0);
  const rows = output.split('\n').filter((line) => /( +(\d\.\d{4}|–)){7}$/.test(line));
  expect(rows.map((line) => line.trim().split(/ {2,}/)[0])).toEqual(BASELINES);
  expect(output).toMatch(/Visits with both labels: \d+, of events of cold items \d+\.$/m);
  expect(output).not.toContain('Engine');
  expect(existsSync(path.join(world.workingFolder, 'runs'))).toBe(false);
});
