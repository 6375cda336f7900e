import { expect, it } from 'vitest';
import { MOVIES, RATINGS, tinyFolders } from './tiny-movielens.js';
import { type DemoTranscript, tryDemo } from './try-demo.js';

// Data that are well formed and lack something that visits, histories, statistics or figures need.

const world = tinyFolders();
const run = (command: string, ...more: string[]): Promise<DemoTranscript> =>
  tryDemo(world.workingFolder, [command, '--data', 'data', '--batch-size', '16', '--steps', '1', ...more]);

/** Changes the cells of every rating. */
const ratings = (change: (cells: [string, string, string, string], row: number) => readonly (string | number)[]) =>
  world.tiny.edit('ratings.csv', ([head, ...rows]) => [
    head!,
    ...rows.map((row, i) => change(row.split(',') as [string, string, string, string], i).join()),
  ]);
const movies = (change: (id: string, row: number) => readonly [title: string, genres: string]) =>
  world.tiny.edit('movies.csv', ([head, ...rows]) => [
    head!,
    ...rows.map((row, i) => {
      const id = /^\d+/.exec(row)![0];
      return [id, ...change(id, i)].join();
    }),
  ]);

const ONE_VISIT_EACH = /warning: every user has one visit, so all histories are empty: are the times right/;
const DASHES = '  –: no figure. It needs liked and disliked events; GAUC needs both of one user or visit.';

const withoutTimes = () => world.tiny.edit('ratings.csv', (lines) => lines.map((line) => line.replace(/,[^,]+$/, '')));

it('without times: takes the rows in order, says so, and compares by user', async () => {
  await withoutTimes();
  const { code, output, errors } = await run('compare', '--seed', '1', '--preset', 'idOnly', '--no-controls');
  expect(code, errors).toBe(0);
  expect(output).toContain('warning: ratings.csv has no column timestamp: its rows count as the order in time');
  expect(output).toContain('histories end where the event begins');
  expect(output).toMatch(/^ {2}GAUC by user +difference/m);
  expect(output).not.toContain('by visit:');
});

it('without times, by visits: an error that names the option', async () => {
  await withoutTimes();
  const { code, errors } = await run('train', '--history-as-of', 'visit');
  expect(code).toBe(1);
  expect(errors).toContain('--history-as-of: expected event, because ratings.csv has no column timestamp, got visit');
});

it('one event per user: runs on empty histories, says so, and explains the dashes', async () => {
  await ratings(([, movie, stars, time], i) => [i + 1, movie, stars, time]);
  const { code, output, errors } = await run('compare', '--seed', '1', '--preset', 'lemur,idOnly', '--no-controls');
  expect(code, errors).toBe(0);
  expect(output).toMatch(ONE_VISIT_EACH);
  expect(output).toMatch(/^ {2}lemur +0\.\d{4} +– +– /m); // AUC exists, GAUC does not.
  expect(output).toContain('GAUC: AUC within each user, weighted by events, over the 0 users with both labels.');
  expect(output).toContain(DASHES);
  expect(output).toMatch(/^ {2}lemur − idOnly +– +–$/m);
  expect(output).not.toContain('NaN');
});

it.each<[what: string, change: () => Promise<void>, events: RegExp]>([
  [
    'one visit in all',
    () => ratings(([, movie, stars], i) => [1, movie, stars, 1_000_000_000 + 60 * i]),
    new RegExp(`warning: all ${RATINGS} events are of visits that began at one time`),
  ],
  [
    'all events in one second',
    () => ratings(([user, movie, stars]) => [user, movie, stars, 1_000_000_000]),
    /warning: all \d+ events are of visits that began at one time/,
  ],
])('%s: trains, and says that and why nothing is measured', async (_, change, events) => {
  await change();
  const { code, output, errors } = await run('train');
  expect(code, errors).toBe(0);
  expect(output).toContain('warning: the test part is empty');
  expect(output).toMatch(events);
  expect(output).toMatch(ONE_VISIT_EACH);
  expect(output).toMatch(/^ {2}lemur( +–){7}$/m);
  expect(output).toContain(DASHES);
  expect(output).not.toContain('NaN');
});

it.each<[what: string, change: () => Promise<void>, warning: string]>([
  [
    'no genre of most movies',
    () => movies((id, i) => [`Film ${id}`, i < 3 ? 'Comedy' : '(no genres listed)']),
    `${MOVIES - 3} of ${MOVIES} items have no category in "genre", which statistics and baselines read`,
  ],
  [
    'no genre at all',
    () => movies((id) => [`Film ${id} (1999)`, '(no genres listed)']),
    `${MOVIES} of ${MOVIES} items have no category in "genre", which statistics and baselines read`,
  ],
  [
    'no words',
    () => movies((_, i) => ['', i % 2 === 0 ? 'Comedy' : 'Drama']),
    `${MOVIES} of ${MOVIES} items have no words, which statistics and baselines read`,
  ],
])('%s: trains, and says so', async (_, change, warning) => {
  await change();
  const { code, output, errors } = await run('train');
  expect(code, errors).toBe(0);
  expect(output).toContain(`warning: ${warning}`);
  expect(output).toMatch(/^ {2}lemur +0\.\d{4} /m);
  expect(output).not.toContain('NaN');
});
