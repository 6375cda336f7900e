import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AblateModelsOptions, ablateModels } from '@sifaka/cli';
import { idOnly, lemur, type RankerOptions } from '@sifaka/trainer';
import { describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';
import { SMALL, SMALL_BASELINES, smallDataset } from './small-dataset.js';

const sandbox = makeSandbox();
const readJson = async (...names: string[]) => JSON.parse(await readFile(path.join(sandbox.folder, ...names), 'utf8'));

const row = (name: string, options: (seed: number) => RankerOptions) => ({
  ...{ name, table: null, paper: null },
  options: ({ seed }: { readonly seed: number }) => options(seed),
});
const HEADS = {
  mlp: { kind: 'mlp', hiddenDims: [4] },
  rankMixer: { kind: 'rankMixer', headDim: 4, depth: 1 },
} as const;
const MODELS = Object.entries(HEADS).map(([name, head]) => ({
  name,
  rows: [
    row('ids', (seed) => idOnly(SMALL, { seed, head })),
    row('whole', (seed) => lemur(SMALL, { seed, head })),
    ...(name === 'mlp' ? [row('without SQDC', (seed) => lemur(SMALL, { seed, head, sqdc: { weight: 0 } }))] : []),
  ],
}));

async function optionsOf(changes: Partial<AblateModelsOptions> = {}): Promise<AblateModelsOptions> {
  return {
    ...sandbox.context(await smallDataset({ historyAsOf: 'visit' })),
    ...{ models: MODELS, baseline: 'ids', whole: 'whole', seeds: [1], steps: 2, batchSize: 16, resume: false },
    output: sandbox.folder,
    ...changes,
  };
}

describe('ablateModels', () => {
  it('prints tables for each model and one of all, and keeps finished runs', async () => {
    sandbox.interruptAt = /mlp: without SQDC step 1: validation/;
    expect(await ablateModels(await optionsOf({ models: MODELS.slice(0, 1) }))).toBe(false);
    expect(sandbox.printed.join('\n')).not.toContain('All ranking models');
    sandbox.interruptAt = undefined;
    expect(await ablateModels(await optionsOf({ resume: true }))).toBe(true);

    expect((await readdir(sandbox.folder)).sort()).toEqual(['mlp', 'models.json', 'rankMixer']);
    const report = await readJson('rankMixer', 'whole-permuted-seed-1', 'report.json');
    expect([report.preset, report.options.head.kind, report.data.control.kind]).toEqual([
      ...['rankMixer: whole (permuted)', 'rankMixer', 'permuted'],
    ]);
    const { schema, metric, models } = await readJson('models.json');
    expect([schema, metric, models.map(({ name }: { name: string }) => name)]).toEqual([
      ...[1, 'gaucByVisit', ['mlp', 'rankMixer']],
    ]);
    const printed = sandbox.printed.join('\n');
    expect(printed).toContain('  mlp: ids: already finished, kept (mlp/ids-seed-1)');
    const [, summary] = printed.split('All ranking models');
    for (const { name, gain, content } of models) {
      const { rows } = await readJson(name, 'ablation.json');
      const without = name === 'mlp' ? ['without SQDC'] : [];
      expect(rows.map((each: { name: string }) => each.name)).toEqual([
        ...[...SMALL_BASELINES, 'ids', 'whole', ...without, 'whole (permuted)'],
      ]);
      const [ids, whole, ...others] = rows.slice(SMALL_BASELINES.length);
      const permuted = others.at(-1);
      const figure = (each: typeof ids) => each.metrics[0].all.gauc.byVisit.weighted;
      expect(gain.difference).toBeCloseTo(figure(whole) - figure(ids), 12);
      expect(content.difference).toBeCloseTo(figure(whole) - figure(permuted), 12);
      expect(ids.againstWhole.difference).toBeCloseTo(figure(ids) - figure(whole), 12);
      expect(others[0].againstPermuted).toBeNull(); // Only the whole method has a control.
      expect(summary).toMatch(new RegExp(`^ {2}${name} +${figure(ids).toFixed(4)} +${figure(whole).toFixed(4)} `, 'm'));
      expect(printed).toMatch(new RegExp(`^ {2}whole \\(permuted\\) .* ${figure(permuted).toFixed(4)} `, 'm'));
      const { cost } = whole.runs[0];
      expect(cost.trainedParameters).toBeGreaterThan(ids.runs[0].cost.trainedParameters);
      expect(cost.peakTensorMiB).toBeGreaterThan(ids.runs[0].cost.peakTensorMiB);
      expect(printed).toContain(cost.trainedParameters.toLocaleString('en-US'));
    }
    expect(printed).toMatch(/^ {2}Row +AUC +GAUC +by visit +cold by visit$/m);
    expect(printed).not.toContain('paper');
    expect(printed).toContain('Real − permuted is what the contents bring.');
    expect(printed).not.toContain('Blank');
    // Every baseline once a command, and the strongest one in the tables of a model: figures, differences, cold items.
    expect(printed.match(/^ {2}user \+ item biases /gm)!.length).toBeLessThanOrEqual(2 + 2 * 3);
    expect(printed).toMatch(/^ {2}Test +AUC +GAUC by user +by visit/m);
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('compares what there is: a dash without the baseline row or without controls', async () => {
    const models = MODELS.slice(0, 1).map(({ name, rows }) => ({ name, rows: rows.slice(1, 2) }));
    expect(await ablateModels(await optionsOf({ models, controls: false }))).toBe(true);
    expect((await readJson('models.json')).models[0]).toMatchObject({ baseline: null, gain: null, content: null });
    expect(sandbox.printed.join('\n')).toMatch(/^ {2}mlp +– +\d\.\d{4} +– +–$/m);
  });

  it('refuses names that are no folders, the same name twice, and nothing to do', async () => {
    const [mlp] = MODELS as [(typeof MODELS)[number]];
    const message = (name: string) =>
      `expected distinct names of letters, digits, - and _ for the models, got "${name}"`;
    const attempt = async (changes: Partial<AblateModelsOptions>) => ablateModels(await optionsOf(changes));
    await expect(attempt({ models: [{ ...mlp, name: '../mlp' }] })).rejects.toThrow(message('../mlp'));
    await expect(attempt({ models: [mlp, mlp] })).rejects.toThrow(message('mlp'));
    await expect(attempt({ models: [] })).rejects.toThrow('expected at least one model, got none');
    await expect(attempt({ seeds: [] })).rejects.toThrow('expected at least one model and one seed, got none');
    expect(await readdir(sandbox.folder)).toEqual([]);
  });
});
