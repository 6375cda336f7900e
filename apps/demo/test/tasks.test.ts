import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RUN_FILES } from '@sifaka/cli';
import { type LoadMovieLensOptions, loadMovieLens } from '@sifaka/demo';
import { expect, it } from 'vitest';
import { RATINGS, tinyFolders, USERS } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const load = (options: Partial<LoadMovieLensOptions> = {}) =>
  loadMovieLens({ folder: world.tiny.folder, cacheFolder: path.join(world.workingFolder, 'cache'), ...options });
const TRAIN = ['train', '--data', 'data', '--batch-size', '16', '--steps', '2'];

/** Gives user 1 all ratings of a day, ten minutes apart: one visit. */
const oneVisit = () =>
  world.tiny.edit('ratings.csv', (lines) =>
    lines.map((line, i) => (i > 300 && i <= 330 ? line.replace(/^\d+/, '1') : line)),
  );

it('watched: every rating is liked, beside three movies that the user never rated', async () => {
  const { samples, report } = await load({ task: 'watched' });
  const { samples: rated } = await load();
  const pairs = new Set(Array.from(rated.users, (user, i) => `${user} ${rated.items[i]}`));
  const { negatives, task } = report;
  expect(task).toBe('watched');
  expect(negatives!.positives).toBe(RATINGS);
  expect(negatives!.negatives + negatives!.missing).toBe(3 * RATINGS);
  expect(samples.length).toBe(RATINGS + negatives!.negatives);
  expect(report.events).toBe(samples.length);
  // A rated pair is liked, whatever the stars; the others are not.
  const strange = samples.labels.findIndex(
    (label, i) => (label === 1) !== pairs.has(`${samples.users[i]} ${samples.items[i]}`),
  );
  expect(strange).toBe(-1);
  expect(samples.numUsers).toBe(USERS);
});

it('watched, with negatives so far: some movies are drawn that the user rates in a later visit, none rated before', async () => {
  const { samples, report } = await load({ task: 'watched', negatives: 'soFar' });
  const { samples: rated } = await load();
  const visits = new Map<string, number>(); // The start of the first visit with the movie.
  for (const [i, user] of rated.users.entries()) {
    const pair = `${user} ${rated.items[i]}`;
    visits.set(pair, Math.min(visits.get(pair) ?? Number.POSITIVE_INFINITY, rated.timestamps[i]!));
  }
  const drawn = [...samples.labels.keys()].filter((i) => samples.labels[i] === 0);
  const first = drawn.map((i) => visits.get(`${samples.users[i]} ${samples.items[i]}`) ?? Number.POSITIVE_INFINITY);
  expect(drawn.findIndex((i, k) => first[k]! <= samples.timestamps[i]!)).toBe(-1);
  const { negatives } = report;
  expect(negatives).toMatchObject({ positives: RATINGS, excluded: 'soFar' });
  expect(negatives!.falseNegatives).toBe(first.filter(Number.isFinite).length);
  expect(negatives!.falseNegatives).toBeGreaterThan(0);
});

it('a history ends where the visit begins, or with the event before', async () => {
  await oneVisit();
  const visit = await load();
  const event = await load({ historyAsOf: 'event' });
  expect([visit.report.historyAsOf, event.report.historyAsOf]).toEqual(['visit', 'event']);
  const target = new Int32Array(RATINGS);
  const lengths = ({ samples }: typeof visit) => {
    const user = samples.userIds.indexOf('1');
    const ofUser = [...samples.users.keys()].filter((sample) => samples.users[sample] === user);
    return ofUser.map((sample) => samples.history(sample, target, 0, RATINGS, { events: 'all' }));
  };
  const times = new Map<number, number>();
  for (const length of lengths(visit)) times.set(length, (times.get(length) ?? 0) + 1);
  expect(Math.max(...times.values())).toBeGreaterThanOrEqual(30); // All of the visit have the same history.
  expect(lengths(event)).toEqual([...lengths(event).keys()]);
});

it('has another fingerprint for each task and end of histories', async () => {
  const of = async (options: Partial<LoadMovieLensOptions>) => (await load(options)).report.fingerprint;
  const fingerprints = [
    ...[await of({}), await of({ historyAsOf: 'event' })],
    ...[await of({ task: 'watched' }), await of({ task: 'watched', historyAsOf: 'event' })],
    await of({ task: 'watched', negatives: 'soFar' }),
  ];
  expect(new Set(fingerprints).size).toBe(5);
  expect(await of({ task: 'liked', historyAsOf: 'visit' })).toBe(fingerprints[0]);
});

it('names the task in the files of a run, and continues with no other one', async () => {
  const watched = await tryDemo(world.workingFolder, [...TRAIN, '--task', 'watched', '--negatives', 'soFar']);
  expect(watched.code, watched.errors).toBe(0);
  expect(watched.output).toContain('task: watched; histories end where the visit begins');
  expect(watched.output).toMatch(/900 ratings, and \d+ drawn movies that were not rated/);
  expect(watched.output).toMatch(/\d+ of the drawn movies are rated by the same user in a later visit/);
  const folder = path.join(world.workingFolder, path.dirname(/^Report +(.+)$/m.exec(watched.output)![1]!));
  const read = async (name: string) => JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  expect((await read(RUN_FILES.report)).data).toMatchObject({
    task: 'watched',
    historyAsOf: 'visit',
    negatives: { excluded: 'soFar' },
  });
  expect((await read(RUN_FILES.description)).data).toEqual({
    task: 'watched',
    historyAsOf: 'visit',
    negatives: 'soFar',
    control: null,
  });
  const liked = await tryDemo(world.workingFolder, [...TRAIN, '--resume', '--history-as-of', 'event']);
  expect(liked.code).toBe(1);
  expect(liked.errors).toContain('negatives: "soFar" there, none here');
  expect(liked.errors).toContain('task: "watched" there, "liked" here; historyAsOf: "visit" there, "event" here');
});
