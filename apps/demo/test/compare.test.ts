import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const COMPARE = [
  'compare',
  '--data',
  'data',
  '--batch-size',
  '16',
  '--seed',
  '1,2',
  '--no-controls',
  '--history-as-of',
  'event',
];

it('compares presets and baselines seed by seed, and keeps finished runs', async () => {
  const argv = [...COMPARE, '--preset', 'twoStage,idOnly', '--steps', '5'];
  const interrupted = await tryDemo(world.workingFolder, argv, { interruptAt: /idOnly step 3: validation/ });
  expect(interrupted.code, interrupted.errors).toBe(130);
  expect(interrupted.output).toContain(`Continue with   node cli.js ${argv.join(' ')} --resume\n`);
  const { code, output, errors } = await tryDemo(world.workingFolder, [...argv, '--resume']);
  expect(code, errors).toBe(0);
  expect(output.match(/twoStage: already finished, kept/g)).toHaveLength(2);
  expect(output).toContain('idOnly: resumed at step 3');
  // A short run still has both stages: two steps are contrastive, and ranking is validated after them.
  expect(interrupted.errors).not.toContain('twoStage step 2: validation');

  expect(output).toMatch(/^ {2}(twoStage|idOnly)( +\d\.\d{4} ± \d\.\d{4}){3}$/m);
  expect(output).toMatch(/^ {2}popularity( +\d\.\d{4}){3}$/m);
  const file = /^Figures +(.+)$/m.exec(output)![1]!;
  const {
    schema,
    data,
    summary,
    differences,
    strongestBaseline: strongest,
  } = JSON.parse(await readFile(path.join(world.workingFolder, file), 'utf8'));
  expect(schema).toBe(2);
  expect(data.events).toBe(900);
  expect(summary.map(({ name, seeds }: { name: string; seeds: unknown[] }) => [name, seeds.length])).toEqual([
    ...BASELINES.map((name) => [name, 1]),
    ['twoStage', 2],
    ['idOnly', 2],
  ]);
  // Of each model from the strongest baseline and from the model after it, at both seeds and of the means over them.
  expect(differences).toHaveLength((2 + 1) * 3);
  for (const { auc } of differences) {
    expect(auc.low).toBeLessThanOrEqual(auc.difference);
    expect(auc.high).toBeGreaterThanOrEqual(auc.difference);
  }
  const baseline = summary[BASELINES.indexOf(strongest)];
  const twoStage = summary[BASELINES.length];
  const first = differences.find(({ a, b }: { a: string; b: string }) => a === 'twoStage' && b === strongest);
  expect(first.auc.difference).toBeCloseTo(twoStage.seeds[0].all.auc - baseline.seeds[0].all.auc, 10);
  const mean = differences.find(
    ({ a, b, seed }: { a: string; b: string; seed: number | null }) =>
      a === 'twoStage' && b === strongest && seed === null,
  );
  const aucs = twoStage.seeds.map(({ all }: { all: { auc: number } }) => all.auc);
  expect(mean.auc.difference).toBeCloseTo((aucs[0] + aucs[1]) / 2 - baseline.seeds[0].all.auc, 10);
});

it('shows dashes if nobody in test liked anything', async () => {
  await world.tiny.edit('ratings.csv', (lines) =>
    lines.map((line, i) => (i > 810 ? line.replace(',4.5,', ',2,') : line)),
  );
  const { code, output, errors } = await tryDemo(world.workingFolder, [
    ...COMPARE,
    '--steps',
    '2',
    '--preset',
    'idOnly',
  ]);
  expect(code, errors).toBe(0);
  expect(output).toMatch(/^ {2}idOnly − all statistics +– +–( +–){2}$/m);
});
