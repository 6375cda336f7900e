import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import { BatchPlan } from '@sifaka/data';
import { DEFAULT_EM3_ROWS, EM3_ROW_NAMES, loadMovieLens, RANKING_MODELS, rankingRows } from '@sifaka/demo';
import { buildRanker, historiesOf, TrainingStep } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const EM3 = ['em3', '--data', 'data', '--batch-size', '16', '--seed', '1', '--steps', '2'];
const readJson = async (...names: string[]) =>
  JSON.parse(await readFile(path.join(world.workingFolder, 'runs', 'em3', ...names), 'utf8'));

it('compares ids alone and EM3 on two ranking models, and resumes after an interruption', async () => {
  const argv = [...EM3, '--models', 'dlrm,longer', '--rows', 'ids alone,EM3', '--no-controls'];
  const interrupted = await tryDemo(world.workingFolder, argv, { interruptAt: /longer: EM3 step 1: validation/ });
  expect(interrupted.code, interrupted.errors).toBe(130);
  const { code, output, errors } = await tryDemo(world.workingFolder, [...argv, '--resume']);
  expect(code, errors).toBe(0);
  expect(output).toContain('dlrm: EM3: already finished, kept (runs/em3/dlrm/EM3-seed-1)');
  expect(output).toContain('longer: EM3: resumed at step 1');

  const { schema, metric, models } = await readJson('models.json');
  expect([schema, metric, models.map(({ name }: { name: string }) => name)]).toEqual([
    ...[1, 'gaucByVisit', ['dlrm', 'longer']],
  ]);
  for (const { name } of models) {
    const { rows } = await readJson(name, 'ablation.json');
    expect(rows.map((row: { name: string }) => row.name)).toEqual([...[...BASELINES, 'ids alone', 'EM3']]);
    expect((await readdir(path.join(world.workingFolder, 'runs', 'em3', name))).sort()).toEqual([
      ...['EM3-seed-1', 'ablation.json', 'ids-alone-seed-1'],
    ]);
  }
  const heads = await Promise.all(
    models.map(
      async ({ name }: { name: string }) => (await readJson(name, 'EM3-seed-1', 'report.json')).options.head.kind,
    ),
  );
  expect(heads).toEqual(['dlrm', 'rankMixer']);
  expect(output).toMatch(/^ {2}GAUC by visit +ids alone +EM3 +EM3 − ids alone +EM3 − permuted$/m);
});

it('names an unknown model or row, and options of other commands', async () => {
  const errorsOf = async (...more: string[]) => (await tryDemo(world.workingFolder, [...EM3, ...more])).errors;
  expect(await errorsOf('--models', 'dlrm,gpt')).toMatch(/--models: expected one of .*dlrm.*, got gpt/);
  expect(await errorsOf('--rows', 'LEMUR')).toMatch(/--rows: expected one of ids alone, .*EM3, .*, got LEMUR/);
  expect(await errorsOf('--preset', 'lemur')).toContain(
    '--preset: expected with train and compare only; em3 takes --models and --rows',
  );
  expect((await tryDemo(world.workingFolder, ['ablate', '--rows', 'ids alone'])).errors).toContain('got ids alone');
});

it('has models and rows that all train another model, each with the seed of its run', async () => {
  const folder = path.join(world.workingFolder, 'data');
  const data = await loadMovieLens({ folder, cacheFolder: path.join(world.workingFolder, 'rows-cache') });
  const rows = RANKING_MODELS.flatMap((model) => rankingRows(model, EM3_ROW_NAMES));
  expect(rows).toHaveLength(RANKING_MODELS.length * EM3_ROW_NAMES.length);
  expect(rankingRows(RANKING_MODELS[0]!).map(({ name }) => name)).toEqual(DEFAULT_EM3_ROWS);
  const options = rows.map((row) => row.options({ seed: 7, data }));
  expect(options.every(({ seed }) => seed === 7)).toBe(true);
  expect(options.every(({ statistics }) => statistics !== undefined)).toBe(true);
  const sampling = { forward: 0.2, backward: 0.2 };
  const sampledRows = rankingRows(RANKING_MODELS[0]!, EM3_ROW_NAMES, { sampling });
  expect(sampledRows.map((row) => row.options({ seed: 7, data }).sampling)).toEqual(EM3_ROW_NAMES.map(() => sampling));
  const models = options.map(({ preset: _, ...model }) => JSON.stringify(model));
  expect(new Set(models).size).toBe(rows.length);
});

it.each(RANKING_MODELS.map((model) => [model.name, model] as const))(
  'trains %s with ids alone and with EM3',
  async (_, model) => {
    const folder = path.join(world.workingFolder, 'data');
    const data = await loadMovieLens({ folder, cacheFolder: path.join(world.workingFolder, 'rows-cache') });
    const { samples, split, statistics, catalogue } = data;
    for (const row of rankingRows(model, ['ids alone', 'EM3'])) {
      const options = row.options({ seed: 7, data });
      const ranker = buildRanker(options, { catalogue, numUsers: samples.numUsers });
      const training = new TrainingStep(ranker);
      const histories = historiesOf(options);
      const plan = new BatchPlan({
        samples,
        indices: split.train,
        batchSize: 8,
        histories,
        statistics: statistics!,
        seed: 1,
      });
      const { loss, skipped, trainedWeights } = training.run(plan.batch(0), { step: 0 });
      expect([Number.isFinite(loss), skipped]).toEqual([true, false]);
      const weights = [...ranker.parameters.values()].reduce((total, { size }) => total + size, 0);
      expect(trainedWeights).toBe(weights);
      training.dispose();
      ranker.dispose();
    }
  },
);
