import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { popularity, userItemBiases } from '@sifaka/baselines';
import {
  ablate,
  baselineScores,
  bootstrapDifference,
  compareModels,
  figure,
  printBaselines,
  type ScorerMetrics,
  withFirstStage,
} from '@sifaka/cli';
import { idOnly, measure } from '@sifaka/trainer';
import { describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { ITEMS, SMALL, SMALL_BASELINES, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
const plan = ({ seed }: { readonly seed: number }) => withFirstStage(idOnly({ ...SMALL, seed }), 5);
const readJson = async (name: string) => JSON.parse(await readFile(path.join(sandbox.folder, name), 'utf8'));

describe('bootstrapDifference', () => {
  it('is the difference of the figures, 0 against itself, and its negative the other way round', async () => {
    const data = await smallDataset();
    const { popularity, 'user + item biases': biases } = baselineScores(data);
    const of = (a: Float32Array, b: Float32Array) => bootstrapDifference([a], [b], data, { metric: 'auc' })!;
    const { difference, low, high } = of(biases!.testLogits, popularity!.testLogits);
    expect(difference).toBeCloseTo(biases!.test.auc - popularity!.test.auc, 12);
    expect(low).toBeLessThanOrEqual(difference);
    expect(high).toBeGreaterThanOrEqual(difference);
    expect(of(popularity!.testLogits, biases!.testLogits).difference).toBe(-difference);
    expect(of(biases!.testLogits, biases!.testLogits)).toMatchObject({ difference: 0, low: 0, high: 0 });
  });

  it('can be of some samples only', async () => {
    const data = await smallDataset();
    const { popularity, 'user + item biases': biases } = baselineScores(data);
    const isIn = (sample: number) => data.cold[data.samples.items[sample]!] === 1;
    const cold = bootstrapDifference([biases!.testLogits], [popularity!.testLogits], data, { metric: 'auc', isIn })!;
    expect(cold.difference).toBeCloseTo(biases!.test.coldItems.auc - popularity!.test.coldItems.auc, 12);
  });

  it('can be of GAUC by visit, with users as the units that are drawn', async () => {
    const data = await smallDataset({ historyAsOf: 'visit' });
    const { popularity, 'user + item biases': biases } = baselineScores(data);
    const of = (metric: 'gauc' | 'gaucByVisit') =>
      bootstrapDifference([biases!.testLogits], [popularity!.testLogits], data, { metric })!;
    const { byVisit } = biases!.test.gauc;
    expect(byVisit.usableVisits).toBeGreaterThan(2);
    expect(of('gaucByVisit').difference).toBeCloseTo(byVisit.weighted - popularity!.test.gauc.byVisit.weighted, 12);
    expect(of('gaucByVisit').groups).toBe(of('gauc').groups);
  });

  it('is null if nobody liked anything', async () => {
    const data = await smallDataset({ likedInTest: false });
    const { popularity, 'user + item biases': biases } = baselineScores(data);
    expect(bootstrapDifference([biases!.testLogits], [popularity!.testLogits], data, { metric: 'gauc' })).toBeNull();
  });
});

it('fits the baselines on train alone, and measures them on the validation and test parts', async () => {
  const data = await smallDataset();
  const { samples, split } = data;
  for (const [name, fit] of Object.entries({ popularity, 'user + item biases': userItemBiases })) {
    const scores = baselineScores(data)[name]!;
    expect(scores.testLogits).toEqual(fit(samples, split.train, split.test));
    expect(scores.test).toMatchObject(measure(scores.testLogits, { ...data, indices: split.test }).all);
    const validation = fit(samples, split.train, split.validation);
    expect(scores.validationAuc).toBe(measure(validation, { ...data, indices: split.validation }).all.auc);
  }
});

it('compareModels compares each model with the strongest baseline at each seed and over all seeds, and resumes after an interruption', async () => {
  const data = await smallDataset();
  const compare = (resume: boolean) =>
    compareModels({
      ...sandbox.context(data),
      contenders: [{ name: 'ids', plan }],
      seeds: [1, 2],
      batchSize: 16,
      resume,
      output: sandbox.folder,
    });
  const { pid } = spawnSync(process.execPath, ['--version']);
  const leftBehind = `comparison.json.${pid}-${randomUUID()}.tmp`; // by a killed process
  await writeFile(path.join(sandbox.folder, leftBehind), '{');
  sandbox.interruptAt = /step 1: validation/;
  expect(await compare(false)).toBe(false);
  expect(await readdir(sandbox.folder)).not.toContain(leftBehind);
  sandbox.interruptAt = undefined;
  expect(await compare(true)).toBe(true);
  expect(sandbox.printed[0]).toContain('resumed at step 1 from ids-seed-1/checkpoints/step-00000001');
  const printed = sandbox.printed.join('\n');
  expect(printed).toMatch(/^ {2}ids( +\d\.\d{4} ± \d\.\d{4}){3}$/m);
  expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);

  const { data: report, summary, differences, strongestBaseline: strongest } = await readJson('comparison.json');
  expect(report).toEqual(data.report);
  expect(summary.map(({ name, seeds }: { name: string; seeds: unknown[] }) => [name, seeds.length])).toEqual([
    ...SMALL_BASELINES.map((name) => [name, 1]),
    ['ids', 2],
  ]);
  expect(differences.map(({ a, b, seed }: Record<string, unknown>) => [a, b, seed])).toEqual([
    ...[1, 2, null].map((seed) => ['ids', strongest, seed]),
  ]);
  const gauc = ({ seeds }: { seeds: ScorerMetrics[] }) => seeds[0]!.all.gauc.bySamples;
  const best = Math.max(...summary.slice(0, SMALL_BASELINES.length).map(gauc));
  expect(gauc(summary.find(({ name }: { name: string }) => name === strongest))).toBe(best);
  expect(printed).toContain(`The strongest baseline by GAUC by user is ${strongest}.`);
  const cell = (seed: number | null) =>
    figureOf(differences.find((each: { seed: number | null }) => each.seed === seed).gauc.difference);
  expect(printed).toMatch(
    new RegExp(`^ {2}ids − ${strongest.replaceAll('+', '\\+')} +${cell(null)} +\\[.*\\] +${cell(1)} +${cell(2)}$`, 'm'),
  );
});

/** A regular expression for a difference in a table. */
function figureOf(difference: number): string {
  return `${difference >= 0 ? '\\+' : '−'}${Math.abs(difference).toFixed(4)}`;
}

it('has a column and a difference by visit for data by visit', async () => {
  const data = await smallDataset({ historyAsOf: 'visit' });
  await compareModels({
    ...sandbox.context(data),
    ...{ contenders: [{ name: 'ids', plan }], seeds: [1], batchSize: 16, resume: false, output: sandbox.folder },
  });
  const printed = sandbox.printed.join('\n');
  expect(printed).toMatch(/AUC +GAUC +by visit +log loss +cold AUC +cold GAUC +cold by visit$/m);
  expect(
    printed.match(/^ {2}(.+?) +difference +95 % interval$/gm)!.map((line) => line.trim().split(/ {2,}/)[0]),
  ).toEqual([...['GAUC by visit', 'GAUC by user', 'AUC']]);
  const { summary, differences, strongestBaseline } = await readJson('comparison.json');
  const byVisit = (name: string) =>
    summary.find((each: { name: string }) => each.name === name).seeds[0].all.gauc.byVisit.weighted;
  expect(differences[0].gaucByVisit.difference).toBeCloseTo(byVisit('ids') - byVisit(strongestBaseline), 12);
});

it('compares the models of equal seeds', async () => {
  const { summary, differences, strongestBaseline } = await readComparison();
  const auc = (name: string, i: number) =>
    summary.find((scorer: { name: string }) => scorer.name === name).seeds[i].all.auc;
  for (const [i, seed] of [1, 2].entries()) {
    for (const [b, j] of [
      [strongestBaseline, 0],
      ['other', i],
    ] as const) {
      const found = differences.find(
        (each: Record<string, unknown>) => each['a'] === 'ids' && each['b'] === b && each['seed'] === seed,
      );
      expect(found.auc.difference).toBeCloseTo(auc('ids', i) - auc(b, j), 12);
    }
  }
  expect(auc('other', 0)).not.toBe(auc('other', 1));
});

/** Of two models at two seeds. */
async function readComparison() {
  const contender = (name: string, steps: number) => ({
    name,
    plan: ({ seed }: { readonly seed: number }) => withFirstStage(idOnly({ ...SMALL, seed }), steps),
  });
  await compareModels({
    ...sandbox.context(await smallDataset()),
    ...{ contenders: [contender('ids', 3), contender('other', 6)], seeds: [1, 2] },
    ...{ batchSize: 16, resume: false, output: sandbox.folder },
  });
  return readJson('comparison.json');
}

it('ablate compares every row with the baseline and the whole model, and never a row with itself', async () => {
  // All items count as cold, so that the figures on cold items are defined.
  const data = { ...(await smallDataset()), cold: new Uint8Array(ITEMS).fill(1) };
  const row = (name: string, length: number) => ({
    name,
    table: 2,
    paper: length,
    options: ({ seed }: { readonly seed: number }) => idOnly(SMALL, { seed, sequences: { liked: { length } } }),
  });
  const finished = await ablate({
    ...sandbox.context(data),
    rows: [row('short history', 1), row('4 items', 4)],
    baseline: 'short history',
    whole: '4 items',
    seeds: [1],
    steps: 5,
    batchSize: 16,
    resume: false,
    output: sandbox.folder,
  });
  expect(finished).toBe(true);
  expect((await readJson('short-history-seed-1/report.json')).preset).toBe('short history');
  const { rows } = await readJson('ablation.json');
  const [first, second] = rows.slice(SMALL_BASELINES.length);
  expect(rows.map(({ name }: { name: string }) => name)).toEqual([...SMALL_BASELINES, 'short history', '4 items']);
  expect([first.againstBaseline, second.againstWhole]).toEqual([null, null]);
  const gauc = (each: typeof first) => each.metrics[0].all.gauc.bySamples;
  expect(second.againstBaseline.difference).toBeCloseTo(gauc(second) - gauc(first), 12);
  expect(first.againstWhole.difference).toBe(-second.againstBaseline.difference);
  const printed = sandbox.printed.join('\n');
  const gain = 100 * (gauc(second) / gauc(first) - 1);
  const cell = `${gain >= 0 ? '\\+' : '−'}${Math.abs(gain).toFixed(2)}`;
  expect(printed).toMatch(new RegExp(`^ {2}4 items +2 .+\\+4\\.00 +${cell}$`, 'm'));
  expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  const [, cold] = printed.split('GAUC by user, cold items');
  expect(cold).toMatch(/^ {2}short history .*– +[+−]\d\.\d{4} \[.*\]$/m);
  expect(cold).toMatch(/^ {2}4 items .*[+−]\d\.\d{4} \[.*\] +–$/m);
});

it('printBaselines shows AUC, and GAUC by user and by visit, of all events and of those of cold items', async () => {
  const data = await smallDataset({ historyAsOf: 'visit' });
  const printed: string[] = [];
  printBaselines(data, (text) => printed.push(text));
  for (const [name, { test }] of Object.entries(baselineScores(data))) {
    const figures = [test, test.coldItems].flatMap(({ gauc: { bySamples, byVisit } }) => [
      ...[bySamples, byVisit.weighted, byVisit.mean],
    ]);
    const row = printed[0]!.split('\n').find((line) => line.startsWith(`  ${name}   `))!;
    expect(row.trim().split(/ {2,}/)).toEqual([name, ...[test.auc, ...figures].map((value) => figure(value))]);
  }
  expect(printed[2]).toMatch(/^ {2}Visits with both labels: [1-9]\d*, of events of cold items \d+\.$/);
});
