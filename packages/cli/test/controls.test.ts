import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ablate, compareModels, RUN_FILES, runModel, withControl, withFirstStage } from '@sifaka/cli';
import { gatherStatistics, rearrangeAttributes, type Statistics } from '@sifaka/data';
import { contentPermutation, controlCatalogue, idOnly, lemur, type RankerOptions } from '@sifaka/trainer';
import { describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { ITEMS, SMALL, SMALL_BASELINES, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
const readJson = async (name: string) => JSON.parse(await readFile(path.join(sandbox.folder, name), 'utf8'));

/** Columns of statistics that follow from attributes, and the others. */
const OF_ATTRIBUTES = /^(liking|overlap)\.|^item\.genre$/;

/** All samples' values of the columns whose names fit, and of the others. */
function columnsOf({ names, values }: Statistics, name: RegExp): readonly [fitting: number[], others: number[]] {
  const isFitting = (i: number) => name.test(names[i % names.length]!);
  return [[...values].filter((_, i) => isFitting(i)), [...values].filter((_, i) => !isFitting(i))];
}

type Named = { readonly name: string };
type Pair = { readonly a: string; readonly b: string; readonly seed: number | null };

describe('withControl', () => {
  it('has the same events and parts, the contents of the control, and says so', async () => {
    const data = await smallDataset();
    const permuted = withControl(data, 'permuted', 3);
    const { catalogue, report, ...rest } = permuted;
    const { catalogue: realCatalogue, report: realReport, ...realRest } = data;
    expect(rest).toEqual(realRest);
    expect(catalogue).toEqual(controlCatalogue(realCatalogue, 'permuted', 3));
    const { control, fingerprint, ...described } = report;
    expect(control).toEqual({ kind: 'permuted', seed: 3 });
    expect({ ...described, fingerprint: realReport.fingerprint }).toEqual(realReport);
    const fingerprints = [data, permuted, withControl(data, 'permuted', 4), withControl(data, 'blank', 3)].map(
      (each) => each.report.fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(4);
    expect(withControl(data, 'permuted', 3).report.fingerprint).toBe(fingerprint);
  });

  it('permuted: attributes and statistics are those of the items that the contents come from', async () => {
    const data = await smallDataset({ attributes: true });
    const permuted = withControl(data, 'permuted', 3);
    const from = contentPermutation(ITEMS, 3);
    expect(permuted.attributes).toEqual(rearrangeAttributes(data.attributes, from));
    expect(permuted.statistics).toEqual(gatherStatistics(data.samples, permuted.attributes));
    // Text and genre of an item still belong together.
    const genresOfText = ({ catalogue: { documents }, attributes }: typeof data) =>
      Array.from({ length: ITEMS }, (_, item) => {
        const { maxLength } = documents;
        const text = documents.ids.subarray(item * maxLength, (item + 1) * maxLength).join();
        return `${text}: ${attributes.categories[0]!.ofItem.ids[item]}`;
      });
    expect(new Set(genresOfText(permuted))).toEqual(new Set(genresOfText(data)));
    expect(genresOfText(permuted)).not.toEqual(genresOfText(data));
    expect([...from].map((item) => genresOfText(data)[item])).toEqual(genresOfText(permuted));
    const [ofAttributes, others] = columnsOf(data.statistics, OF_ATTRIBUTES);
    const [ofPermuted, othersOfPermuted] = columnsOf(permuted.statistics, OF_ATTRIBUTES);
    expect(othersOfPermuted).toEqual(others);
    expect(ofPermuted).not.toEqual(ofAttributes);
  });

  it('blank: no item has a category or a word, and what follows from them does not depend on the items', async () => {
    const data = await smallDataset({ attributes: true });
    const { attributes, statistics } = withControl(data, 'blank', 3);
    for (const { ofItem } of attributes.categories) expect(ofItem.ids).toHaveLength(0);
    expect(attributes.words.ids).toHaveLength(0);
    expect(statistics.names).toEqual(data.statistics.names);
    expect(statistics).toEqual(gatherStatistics(data.samples, attributes));
    const [ofAttributes, others] = columnsOf(statistics, OF_ATTRIBUTES);
    expect(others).toEqual(columnsOf(data.statistics, OF_ATTRIBUTES)[1]);
    const ofOneItem = { ...data.samples, items: new Int32Array(data.samples.length) };
    expect(ofAttributes).toEqual(columnsOf(gatherStatistics(ofOneItem, attributes), OF_ATTRIBUTES)[0]);
    const real = gatherStatistics(ofOneItem, data.attributes);
    expect(columnsOf(real, OF_ATTRIBUTES)[0]).not.toEqual(columnsOf(data.statistics, OF_ATTRIBUTES)[0]);
  });

  it('refuses the contents of a control', async () => {
    const blank = withControl(await smallDataset(), 'blank', 1);
    expect(() => withControl(blank, 'permuted', 1)).toThrow(
      'withControl: expected the real contents, got those of the control blank',
    );
  });

  it('is named in run.json and report.json, and a run continues with the same one only', async () => {
    const data = await smallDataset();
    const folder = path.join(sandbox.folder, 'run');
    const run = (of: typeof data, resume: boolean) =>
      runModel({
        ...sandbox.context(of),
        ...withFirstStage(lemur({ ...SMALL, seed: 1 }), 2),
        ...{ batchSize: 16, folder, resume },
      });
    await run(withControl(data, 'permuted', 1), false);
    expect((await readJson(`run/${RUN_FILES.description}`)).data).toMatchObject({ control: 'permuted, seed 1' });
    expect((await readJson(`run/${RUN_FILES.report}`)).data.control).toEqual({ kind: 'permuted', seed: 1 });
    await expect(run(data, true)).rejects.toThrow(
      /^--resume: expected the data of the run in .*, got others \(control: "permuted, seed 1" there, none here\)/,
    );
    await expect(run(withControl(data, 'blank', 1), true)).rejects.toThrow(
      '"permuted, seed 1" there, "blank, seed 1" here',
    );
  });
});

describe('compareModels', () => {
  const contender = (name: string, of: (seed: number) => RankerOptions) => ({
    name,
    plan: ({ seed }: { readonly seed: number }) => withFirstStage(of(seed), 1),
  });
  const contenders = [
    contender('ids', (seed) => idOnly({ ...SMALL, seed })),
    contender('joint', (seed) => lemur({ ...SMALL, seed })),
  ];

  it('trains permuted and blank contents beside a model that reads contents', async () => {
    const data = await smallDataset();
    const options = { contenders, seeds: [1, 2], batchSize: 16, resume: false, output: sandbox.folder };
    expect(await compareModels({ ...sandbox.context(data), ...options })).toBe(true);
    const { summary, differences, effects } = await readJson('comparison.json');
    expect(summary.map(({ name }: Named) => name)).toEqual([
      ...[...SMALL_BASELINES, 'ids', 'joint', 'joint (permuted)', 'joint (blank)'],
    ]);
    expect(differences.some(({ a, b }: Pair) => `${a}${b}`.includes('('))).toBe(false);
    const pairs = [
      ...[
        ['joint', 'joint (permuted)'],
        ['joint', 'joint (blank)'],
      ],
      ['joint (blank)', 'ids'], // Noise, if both know the same beside the contents.
    ] as const;
    expect(effects.map(({ a, b, seed }: Pair) => [a, b, seed])).toEqual(
      pairs.flatMap((pair) => [1, 2, null].map((seed) => [...pair, seed])),
    );
    const auc = (name: string, i: number) => summary.find((each: Named) => each.name === name).seeds[i].all.auc;
    expect(effects[1].auc.difference).toBeCloseTo(auc('joint', 1) - auc('joint (permuted)', 1), 12);
    expect(effects[3].auc.difference).toBeCloseTo(auc('joint', 0) - auc('joint (blank)', 0), 12);
    // Each seed has a permutation of its own.
    for (const seed of [1, 2]) {
      const report = await readJson(`joint-permuted-seed-${seed}/report.json`);
      expect([report.preset, report.data.control]).toEqual(['joint (permuted)', { kind: 'permuted', seed }]);
    }
    expect((await readJson('joint-seed-1/report.json')).data).not.toHaveProperty('control');
    const printed = sandbox.printed.join('\n');
    expect(printed).toMatch(/^ {2}joint − joint \(permuted\) +[+−]\d\.\d{4} +\[/m);
    expect(printed).toContain('Real − permuted is what the contents bring.');
  });

  it('trains none if told so, or if no model reads contents', async () => {
    const data = await smallDataset();
    const names = async (options: { controls?: boolean; contenders: typeof contenders }) => {
      const others = { seeds: [1], batchSize: 16, resume: false, output: sandbox.folder };
      await compareModels({ ...sandbox.context(data), ...others, ...options });
      return (await readJson('comparison.json')).summary.map(({ name }: Named) => name);
    };
    expect(await names({ controls: false, contenders: contenders.slice(1) })).toEqual([...SMALL_BASELINES, 'joint']);
    expect(await names({ contenders: contenders.slice(0, 1) })).toEqual([...SMALL_BASELINES, 'ids']);
    expect(sandbox.printed.join('\n')).not.toContain('permuted');
  });
});

it('ablate is about GAUC by visit if histories end where visits begin', async () => {
  const data = await smallDataset({ historyAsOf: 'visit' });
  const row = (name: string, length: number) => ({
    ...{ name, table: 2, paper: 1 },
    options: ({ seed }: { readonly seed: number }) => idOnly(SMALL, { seed, sequences: { liked: { length } } }),
  });
  const rows = [row('short', 1), row('whole', 4)];
  const options = { rows, baseline: 'short', whole: 'whole', seeds: [1], steps: 3, batchSize: 16, resume: false };
  await ablate({ ...sandbox.context(data), ...options, output: sandbox.folder });
  const { metric, rows: measured } = await readJson('ablation.json');
  expect(metric).toBe('gaucByVisit');
  const [short, whole] = measured.slice(SMALL_BASELINES.length);
  const byVisit = (each: typeof short) => each.metrics[0].all.gauc.byVisit.weighted;
  expect(whole.againstBaseline.difference).toBeCloseTo(byVisit(whole) - byVisit(short), 12);
  const printed = sandbox.printed.join('\n');
  expect(printed).toContain('Test GAUC by visit, one seed; 3 ranking steps of 16.');
  expect(printed).toMatch(new RegExp(`^ {2}whole +2 +${byVisit(whole).toFixed(4)} `, 'm'));
});

it('ablate shows each row’s difference from its permuted contents, and the whole model on blank ones', async () => {
  const data = await smallDataset();
  const row = (name: string, options: (run: { readonly seed: number }) => RankerOptions) => ({
    ...{ name, table: 2, paper: 1, options },
  });
  const rows = [
    row('ids', ({ seed }) => idOnly(SMALL, { seed })),
    row('whole', ({ seed }) => lemur(SMALL, { seed })),
    row('without SQDC', ({ seed }) => lemur(SMALL, { seed, sqdc: { weight: 0 } })),
  ];
  const options = { rows, baseline: 'ids', whole: 'whole', seeds: [1], steps: 3, batchSize: 16, resume: false };
  await ablate({ ...sandbox.context(data), ...options, output: sandbox.folder });
  const { rows: measured } = await readJson('ablation.json');
  expect(measured.map(({ name }: Named) => name)).toEqual([
    ...[...SMALL_BASELINES, 'ids', 'whole', 'without SQDC'],
    ...['whole (permuted)', 'whole (blank)', 'without SQDC (permuted)'],
  ]);
  const [ids, whole, , permuted, blank] = measured.slice(SMALL_BASELINES.length);
  const gauc = (each: typeof ids) => each.metrics[0].all.gauc.bySamples;
  expect(ids.againstPermuted).toBeNull();
  expect(whole.againstPermuted.difference).toBeCloseTo(gauc(whole) - gauc(permuted), 12);
  expect(blank).toMatchObject({ control: 'blank', table: null, paper: null });
  expect(blank.againstBaseline.difference).toBeCloseTo(gauc(blank) - gauc(ids), 12);
  const [table] = sandbox.printed.filter((text) => /− permuted$/m.test(text));
  expect(table).toContain('− permuted');
  expect(table).toMatch(/^ {2}whole \(blank\) /m);
  expect(table).not.toMatch(/^ {2}whole \(permuted\) /m);
});
