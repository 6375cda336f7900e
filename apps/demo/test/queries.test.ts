import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, statisticsOptions } from '@sifaka/cli';
import type { Samples } from '@sifaka/data';
import { loadMovieLens } from '@sifaka/demo';
import { lemur, type Report } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { RATINGS, tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const DAY = 86_400;
const TITLES = 'the title that the user had liked last when the session began';

/** By default with the queries of single events. */
const load = (historyAsOf: Samples['historyAsOf'] = 'event'): Promise<Dataset> =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache'), historyAsOf });
const writeTags = (...rows: readonly string[]): Promise<void> =>
  writeFile(world.tiny.file('tags.csv'), `${['userId,movieId,tag,timestamp', ...rows].join('\r\n')}\r\n`);
const queryOf = ({ samples }: Dataset, sample: number) => samples.queries[samples.queryIds[sample]!];

it('uses the title liked last as the query if there are no tags, and none in the first session', async () => {
  const data = await load();
  const { queries } = data.report;
  expect(queries).toMatchObject({ meaning: TITLES, typed: 0, distinct: data.samples.queries.length });
  expect(queries).not.toHaveProperty('log');
  expect(queries!.standIns + queries!.none).toBe(RATINGS);
  expect(queries!.none).toBe(data.samples.queryIds.filter((id) => id === -1).length);
  expect(queries!.none).toBeGreaterThan(0);
  expect(data.samples.queries.every((text) => /^film \d+(, the)? \(\d{4}\)$/.test(text))).toBe(true);
  expect(data.catalogue.queries!.lengths.length).toBe(queries!.distinct);
});

it('keeps one title for a whole session', async () => {
  const data = await load();
  const { users, timestamps } = data.samples;
  const last = new Map<number, number>();
  let inSessions = 0;
  for (let sample = 0; sample < RATINGS; sample++) {
    const before = last.get(users[sample]!);
    if (before !== undefined && timestamps[sample]! - timestamps[before]! <= 1800) {
      expect(queryOf(data, sample)).toBe(queryOf(data, before));
      inSessions++;
    }
    last.set(users[sample]!, sample);
  }
  expect(inSessions).toBeGreaterThan(50);
});

it('uses a tag for its user in the day after it, and for nothing at its own time or before', async () => {
  const { samples } = await load();
  const [user, time] = [samples.users[500]!, samples.timestamps[500]!];
  await writeTags(
    `${user + 1},1,Slow   Burn,${time - 1}`,
    `${user + 1},2,spoiler,${time}`,
    `${user + 1},3,,${time + 5}`,
    `999,1,nobody,${time}`,
  );
  const data = await load();
  const own = Array.from({ length: RATINGS }, (_, sample) => sample).filter((sample) => samples.users[sample] === user);
  const later = own.filter((sample) => samples.timestamps[sample]! > time && samples.timestamps[sample]! <= time + DAY);
  expect(queryOf(data, 500)).toBe('slow burn');
  expect(later.length).toBeGreaterThan(0);
  for (const sample of later) expect(queryOf(data, sample)).toBe('spoiler');
  for (const sample of own.filter((sample) => sample < 500)) expect(queryOf(data, sample) ?? 'film').toMatch(/^film/);
  expect(data.report.queries).toMatchObject({
    meaning: `a tag that the user typed in the day before, otherwise ${TITLES}`,
    typed: 1 + later.length,
    log: { rows: 4, unknownUsers: 1, emptyTexts: 1 },
  });
});

it('makes two queries of equal words of two users, with one text', async () => {
  const { samples } = await load();
  const other = samples.users.findIndex((user, sample) => sample > 500 && user !== samples.users[500]);
  await writeTags(...[500, other].map((s) => `${samples.users[s]! + 1},1,noir,${samples.timestamps[s]! - 1}`));
  const data = await load();
  expect([500, other].map((sample) => queryOf(data, sample))).toEqual(['noir', 'noir']);
  const [first, second] = [500, other].map((sample) => data.samples.queryIds[sample]!);
  expect(first).not.toBe(second);
  const { ids, maxLength } = data.catalogue.queries!;
  const text = (id: number) => [...ids.subarray(id * maxLength, (id + 1) * maxLength)];
  expect(text(first!)).toEqual(text(second!));
});

it('lets tags change the fingerprint, and nothing about items', async () => {
  const before = await load();
  const row = (tag: string) => `${before.samples.users[500]! + 1},1,${tag},${before.samples.timestamps[500]! - 1}`;
  await writeTags(row('noir'));
  const noir = await load();
  await writeTags(row('heist'));
  const heist = await load();
  const prints = [before, noir, heist].map(({ report }) => report.fingerprint);
  expect(new Set(prints).size).toBe(3);
  const itemsOf = ({ catalogue: { documents, titles, vocabularySize } }: Dataset) => [
    documents,
    titles,
    vocabularySize,
  ];
  expect(itemsOf(noir)).toEqual(itemsOf(before));
});

it('names file, line and column of a tags.csv that cannot be read', async () => {
  await writeTags('1,2,noir,yesterday');
  await expect(load()).rejects.toThrow(/timestamp.*yesterday.*tags\.csv, line 2/);
  await writeFile(world.tiny.file('tags.csv'), 'userId,movieId,timestamp\r\n1,2,1000000000\r\n');
  await expect(load()).rejects.toThrow(
    /expected a column "tag", found columns: userId, movieId, timestamp .*tags\.csv/,
  );
});

it('train reads them with --query samples and shows QAUC; by default QAUC is in the report only', async () => {
  const train = ['train', '--data', 'data', '--steps', '2', '--batch-size', '16', '--seed', '5'];
  const readReport = async (): Promise<Report> =>
    JSON.parse(await readFile(path.join(world.workingFolder, 'runs', 'train', 'report.json'), 'utf8'));
  const { code, output, errors } = await tryDemo(world.workingFolder, [...train, '--query', 'samples']);
  expect(code, errors).toBe(0);
  expect(output).toContain(`         query: ${TITLES}\n         0 events with a tag, `);
  expect(output).toMatch(/^ {2}Test +AUC +GAUC +by visit +QAUC +log loss +cold AUC +cold GAUC +cold by visit$/m);
  expect(output).toMatch(/^ {2}lemur( +(\d\.\d{4}|–)){8}$/m);
  const withQueries = await readReport();
  const statistics = statisticsOptions(await load('visit'));
  expect(withQueries.options).toEqual(lemur({ seed: 5, statistics, content: { query: 'samples' } }));
  const { qauc, events } = withQueries.metrics.test;
  expect(qauc.usableSamples).toBeLessThanOrEqual(events);
  expect(withQueries.baselines['user + item biases']!.qauc.usableGroups).toBe(qauc.usableGroups);

  const titles = await tryDemo(world.workingFolder, train);
  expect(titles.output).not.toMatch(/QAUC|query:/);
  const report = await readReport();
  expect(report.options).toEqual(lemur({ seed: 5, statistics }));
  expect(report.data).toEqual(withQueries.data);
  expect(report.metrics.test.qauc.usableGroups).toBe(qauc.usableGroups);
});
