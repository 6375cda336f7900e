import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BASELINES } from '@sifaka/baselines';
import { statisticsOptions } from '@sifaka/cli';
import { loadMovieLens } from '@sifaka/demo';
import { lemur, type Report } from '@sifaka/trainer';
import { describe, expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const TRAIN = ['train', '--data', 'data', '--steps', '3', '--batch-size', '16'];
const readReport = async (): Promise<Report> =>
  JSON.parse(await readFile(path.join(world.workingFolder, 'runs', 'train', 'report.json'), 'utf8'));

describe('train', () => {
  it('writes a report of model, data, figures and speed', async () => {
    const { code, output, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--seed', '5']);
    expect(code, errors).toBe(0);
    const rows = output.split('\n').filter((line) => /( +(\d\.\d{4}|–)){7}$/.test(line));
    expect(rows.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([...BASELINES, 'lemur']);
    const report = await readReport();
    const data = await loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'own') });
    const options = lemur({ seed: 5, statistics: statisticsOptions(data) });
    expect(report).toMatchObject({ schema: 2, preset: 'lemur', seed: 5, options });
    expect(report.engine).toMatchObject({ name: expect.any(String), version: expect.any(String) });
    expect(report.data).toMatchObject({
      events: 900,
      train: 720,
      validation: 90,
      test: 90,
      users: 25,
      items: 40,
      coldItems: 4,
      split: { kind: 'globalTime', leakage: { trainAfterFirstTest: 0 } },
      images: { ok: 40, missing: 0, broken: 0 },
      texts: { ok: 40, missing: 0 },
      duplicateRows: 0,
      duplicateItems: 0,
      unknownItemEvents: 0,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(report.metrics.test.events).toBe(90);
    expect(report.metrics.testColdItems.events).toBeGreaterThan(0);
    for (const { auc, logLoss } of [report.metrics.validation, report.metrics.test, report.metrics.testColdItems]) {
      expect(auc).toBeGreaterThanOrEqual(0);
      expect(auc).toBeLessThanOrEqual(1);
      expect(logLoss).toBeGreaterThan(0);
    }
    expect(Object.keys(report.baselines)).toEqual(BASELINES);
    expect(report.bank.items).toBeGreaterThan(0);
    expect(report.bank.items).toBeLessThanOrEqual(36); // Cold items are never written to the training bank.
    expect(report.training).toMatchObject({ steps: 3, batchSize: 16, skippedSteps: 0 });
    expect(report.training.validations.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(report.training.parameters).toBeGreaterThan(1000);
    expect(report.throughput.samplesPerSecond).toBeGreaterThan(0);
    expect(report.throughput.peakMemoryMiB).toBeGreaterThan(0);
  });

  it('trains EM3, which has no query tower, whatever --query says', async () => {
    const { code, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--preset', 'em3', '--query', 'samples']);
    expect(code, errors).toBe(0);
    const { preset, options } = await readReport();
    expect([preset, options.content?.query]).toEqual(['em3', 'none']);
  });

  it('keeps a finished run with --resume, but not one of other steps or other data', async () => {
    const idOnly = [...TRAIN, '--preset', 'idOnly'];
    const kept = 'idOnly: already finished, kept';
    const first = await tryDemo(world.workingFolder, idOnly);
    const report = await readReport();
    const again = await tryDemo(world.workingFolder, [...idOnly, '--resume']);
    expect(again.output).toContain(kept);
    expect(await readReport()).toEqual(report);
    const table = (output: string) => /\n {2}Test.*?\n\n/s.exec(output)![0];
    expect(table(again.output)).toBe(table(first.output));

    const longer = await tryDemo(world.workingFolder, [...idOnly, '--steps', '5', '--resume']);
    expect(longer.output).not.toContain(kept);
    expect(longer.output).toContain('resumed at step 3');
    expect((await readReport()).training.validations.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);

    await world.tiny.edit('ratings.csv', (lines) => lines.with(2, '1,2,4.5,1000000001'));
    const otherData = await tryDemo(world.workingFolder, [...idOnly, '--steps', '5', '--resume']);
    expect(otherData.code).toBe(1);
    expect(otherData.errors).toMatch(/--resume: expected data \w{16}, that of the run in .*train, got /);
  });

  it('starts from the beginning without --resume, and removes only files of a run', async () => {
    const output = path.join(world.workingFolder, 'mine');
    await mkdir(path.join(output, 'checkpoints', 'of-another-program'), { recursive: true });
    await writeFile(path.join(output, 'checkpoints', 'of-another-program', 'weights'), 'mine');
    await writeFile(path.join(output, 'notes.txt'), 'mine');
    for (const steps of ['4', '2']) {
      const { code, errors } = await tryDemo(world.workingFolder, [
        ...TRAIN,
        ...['--preset', 'idOnly', '--steps', steps, '--output', 'mine'],
      ]);
      expect(code, errors).toBe(0);
      expect(errors).toContain('idOnly step 1: validation');
    }
    expect(await readFile(path.join(output, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await readFile(path.join(output, 'checkpoints', 'of-another-program', 'weights'), 'utf8')).toBe('mine');
    const report = JSON.parse(await readFile(path.join(output, 'report.json'), 'utf8')) as Report;
    expect(report.training.steps).toBe(2);
  });

  it('trains on a folder with many problems, and counts them', async () => {
    const { tiny } = world;
    await rm(tiny.file('posters', '1.jpg'));
    await tiny.poster(2, new Uint8Array());
    await tiny.poster(3, Buffer.from('not a picture'));
    await tiny.edit('movies.csv', (lines) => [
      ...lines.filter((line) => !line.startsWith('4,')).with(7, '8,,'),
      lines[9]!,
    ]);
    await tiny.edit('ratings.csv', (lines) => [...lines, lines[1]!]);
    const { code, output, errors } = await tryDemo(world.workingFolder, TRAIN);
    expect(code, errors).toBe(0);
    const { data } = await readReport();
    expect(data).toMatchObject({
      events: 900,
      duplicateRows: 1,
      duplicateItems: 1,
      images: { ok: 37, missing: 1, broken: 2 },
      brokenImages: [
        { file: '2.jpg', reason: 'empty' },
        { file: '3.jpg', reason: 'unreadable' },
      ],
      texts: { ok: 38, missing: 2 },
    });
    expect(data.unknownItemEvents).toBeGreaterThan(0);
    for (const line of [
      'posters: 37 read, 1 missing, 2 broken; texts: 38, 2 missing',
      '1 duplicate ratings left out',
      '1 duplicate movies left out',
      `${data.unknownItemEvents} ratings of movies that movies.csv does not list, kept without text`,
      'broken poster 2.jpg: empty',
    ]) {
      expect(output).toContain(`         ${line}\n`);
    }
  });

  it('trains without posters, and on a split without a test part', async () => {
    await rm(world.tiny.file('posters'), { recursive: true });
    await world.tiny.edit('ratings.csv', ([head, ...rows]) => [
      head!,
      ...rows.map((row) => row.replace(/\d+$/, '1000000000')),
    ]);
    const { code, output, errors } = await tryDemo(world.workingFolder, TRAIN);
    expect(code, errors).toBe(0);
    expect(output).toContain('warning: the test part is empty');
    expect(output).toContain('warning: there is no posters folder, so no movie has a poster');
    expect(output).toMatch(/^ {2}lemur( +–){7}$/m);
    expect((await readReport()).metrics.test).toEqual({
      events: 0,
      auc: null,
      gauc: { bySamples: null, usableGroups: 0, byVisit: { weighted: null, mean: null, usableVisits: 0 } },
      qauc: { value: null, usableGroups: 0, usableSamples: 0 },
      logLoss: null,
    });
  });
});
