import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import type { Report } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const START = ['start', '--data', 'data', '--steps', '3', '--batch-size', '16'];

it('trains ids alone, LEMUR and its control, prints one table, the paths of the files, and next steps', async () => {
  const { code, output, errors } = await tryDemo(world.workingFolder, START);
  expect(code, errors).toBe(0);
  expect(output).toMatch(/^Engine {3}\w+ \d+\.\d+\.\d+, /);
  expect(output).toContain('Data     900 events of 25 users on 40 movies');
  expect(output).toContain('posters: 40 read, 0 missing, 0 broken; texts: 40, 0 missing');

  const table = output.split('\n').filter((line) => /( +(\d\.\d{4}|–)){7}$/.test(line));
  expect(table.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
    ...BASELINES,
    ...['ids alone', 'LEMUR', 'LEMUR, permuted contents'],
  ]);

  for (const [name, preset] of [
    ['ids alone', 'idOnly'],
    ['LEMUR', 'lemur'],
    ['LEMUR, permuted contents', 'lemur-permuted'],
  ] as const) {
    const file = path.join(world.workingFolder, 'runs', 'start', preset, 'report.json');
    const { test, testColdItems: cold } = (JSON.parse(await readFile(file, 'utf8')) as Report).metrics;
    const figures = [
      ...[test.auc, test.gauc.bySamples, test.gauc.byVisit.weighted, test.logLoss],
      ...[cold.auc, cold.gauc.bySamples, cold.gauc.byVisit.weighted],
    ];
    const row = table.find((line) => line.startsWith(`  ${name}   `));
    expect(row!.trim().split(/ {2,}/).slice(1)).toEqual(figures.map((each) => each?.toFixed(4) ?? '–'));
  }

  expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);

  const [report, plot, checkpoint] = ['Report', 'Plot', 'Checkpoint'].map(
    (name) => new RegExp(`^${name} +(.+)$`, 'm').exec(output)![1]!,
  );
  expect(report).toBe(path.join('runs', 'start', 'lemur', 'report.json'));
  expect(await readFile(path.join(world.workingFolder, plot!), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  expect(await readdir(path.join(world.workingFolder, checkpoint!))).toEqual(['step-00000003']);
  expect(output).toMatch(/Next:\n {2}npm run demo -- train .*\n {2}npm run demo -- compare /);
});

it('continues the model that was interrupted, and keeps the one before', async () => {
  const interrupted = await tryDemo(world.workingFolder, START, {
    interruptAt: /lemur step 1: validation/,
    npmScript: 'start',
  });
  expect(interrupted.code, interrupted.errors).toBe(130);
  expect(interrupted.output).toContain(
    'Stopped; the checkpoint is saved under runs/start\n' +
      'Continue with   npm start -- --data data --steps 3 --batch-size 16 --resume\n',
  );
  const resumed = await tryDemo(world.workingFolder, [...START, '--resume']);
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.output).toContain('idOnly: already finished, kept (runs/start/idOnly)');
  expect(resumed.output).toContain('lemur: resumed at step 1 from runs/start/lemur/checkpoints/step-00000001');
  expect(resumed.output).toContain('\nDone in ');
});
