import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import { ABLATION_ROWS, loadMovieLens } from '@sifaka/demo';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const ROWS = ['RankMixer + LONGER', 'LEMUR', 'two-stage', 'without long sequence'];
const ABLATE = [
  'ablate',
  '--data',
  'data',
  '--batch-size',
  '16',
  '--seed',
  '1,2',
  '--steps',
  '5',
  '--no-controls',
  '--history-as-of',
  'event',
];

it('compares every row with the baseline and the whole model, and resumes after an interruption', async () => {
  const argv = [...ABLATE, '--rows', ROWS.join(',')];
  const interrupted = await tryDemo(world.workingFolder, argv, { interruptAt: /two-stage step 4: validation/ });
  expect(interrupted.code, interrupted.errors).toBe(130);
  const { code, output, errors } = await tryDemo(world.workingFolder, [...argv, '--resume']);
  expect(code, errors).toBe(0);
  expect(output).toMatch(/RankMixer \+ LONGER: already finished, kept/);
  expect(output).toMatch(/LEMUR: already finished, kept/);
  expect(output).toMatch(/^ {2}LEMUR +2 +\d\.\d{4} ± \d\.\d{4} .+\+0\.81/m);
  expect(output).toMatch(/^ {2}popularity +– +\d\.\d{4} /m);

  const file = /^Figures +(.+)$/m.exec(output)![1]!;
  const { schema, steps, rows } = JSON.parse(await readFile(path.join(world.workingFolder, file), 'utf8'));
  expect([schema, steps]).toEqual([2, 5]);
  expect(rows.map(({ name }: { name: string }) => name)).toEqual([...BASELINES, ...ROWS]);
  type Part = 'all' | 'cold';
  const gaucOf = (index: number, part: Part = 'all') =>
    rows[index].metrics.reduce(
      (total: number, parts: Record<Part, { gauc: { bySamples: number } }>) => total + parts[part].gauc.bySamples / 2,
      0,
    );
  const [baseline, lemur] = [BASELINES.length, BASELINES.length + 1];
  expect(rows[lemur].againstBaseline.difference).toBeCloseTo(gaucOf(lemur) - gaucOf(baseline), 10);
  expect(rows[lemur].againstWhole).toBeNull();
  expect(rows[baseline].againstWhole.difference).toBeCloseTo(gaucOf(baseline) - gaucOf(lemur), 10);
  const onCold = gaucOf(baseline, 'cold') - gaucOf(lemur, 'cold');
  expect(rows[baseline].cold.againstWhole.difference).toBeCloseTo(onCold, 10);
  for (const row of rows.slice(lemur)) {
    expect(row.runs).toHaveLength(2);
    expect(row.runs[0].bank.inspection.staleness.mean).toBeGreaterThan(-1);
    expect(Object.keys(row.runs[0].bank.inspection.coverage)).toEqual(
      row.name === 'without long sequence'
        ? ['candidates', 'liked', 'disliked']
        : ['candidates', 'liked', 'long', 'disliked'],
    );
  }
});

it('names an unknown row', async () => {
  const { code, errors } = await tryDemo(world.workingFolder, [...ABLATE, '--rows', 'LEMUR,everything']);
  expect(code).toBe(1);
  expect(errors).toMatch(/--rows: expected one of DLRM-MLP, .+, got everything/);
  const preset = await tryDemo(world.workingFolder, [...ABLATE, '--preset', 'lemur']);
  expect(preset.errors).toContain('--preset: expected with train and compare only; ablate takes --rows');
});

it('has rows that all train another model, each with the seed of its run', async () => {
  const folder = path.join(world.workingFolder, 'data');
  const data = await loadMovieLens({ folder, cacheFolder: path.join(world.workingFolder, 'rows-cache') });
  const options = ABLATION_ROWS.map((row) => row.options({ seed: 7, data }));
  expect(options.every(({ seed }) => seed === 7)).toBe(true);
  const models = options.map(({ preset: _, ...model }) => JSON.stringify(model));
  expect(new Set(models).size).toBe(ABLATION_ROWS.length);
  expect(new Set(ABLATION_ROWS.map(({ name }) => name)).size).toBe(ABLATION_ROWS.length);
});
