import { readFileSync } from 'node:fs';
import {
  BatchPlan,
  buildSamples,
  categoryColumn,
  gatherStatistics,
  InteractionBuilder,
  type ItemAttributes,
  noAttributes,
  type Samples,
  type Statistics,
  type StatisticsBlockName,
  StatisticsTracker,
  sequentialBatches,
  standardization,
  wordBags,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { madeUpEvents } from './made-up-events.js';

/** `[time in days, user, item, label]` */
type Row = readonly [days: number, user: number, item: number, label: number];

const START = 1_000_000_000;
const DAY = 86_400;
const logit = (share: number) => Math.log(share / (1 - share));

function samplesOf(rows: readonly Row[], numItems: number): Samples {
  const builder = new InteractionBuilder();
  for (const [days, user, item, label] of rows) builder.add(user, item, label === 1 ? 5 : 1, START + DAY * days);
  return buildSamples(builder.build({ itemIds: Array.from({ length: numItems }, (_, i) => `${i}`) }).interactions);
}

/** The values of a block of one sample. */
function blockOf({ blocks, width, values }: Statistics, sample: number, name: StatisticsBlockName): number[] {
  const block = blocks.find((each) => each.name === name)!;
  const start = sample * width + block.offset;
  return [...values.subarray(start, start + block.width)];
}

const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

describe('StatisticsTracker', () => {
  it('knows of an item without an id, −1, what it knows of one without an event and attributes', () => {
    const attributes = {
      categories: [categoryColumn('genre', [['Drama'], ['Drama', 'War'], ['War']])],
      words: wordBags(['a b', 'b', 'c']),
    };
    const tracker = new StatisticsTracker({ attributes });
    for (const [day, item] of [0, 1, 2, 0].entries()) tracker.add(0, item, START + DAY * day, item === 2 ? 0 : 1);
    const statisticsOf = (item: number) => {
      const values = new Float32Array(tracker.layout.width);
      tracker.write(0, item, START + 9 * DAY, values, 0);
      return [...values];
    };
    expect(statisticsOf(-1)).toEqual(statisticsOf(3));
    const rateOfAll = (3 + 1) / (4 + 2);
    expect(statisticsOf(-1)[tracker.layout.names.indexOf('item.genre')]).toBeCloseTo(logit(rateOfAll), 5);
  });
});

describe('gatherStatistics', () => {
  it('gives the values of the definition (tools/golden/data/generate.py)', () => {
    const file = new URL('golden/statistics.json', import.meta.url);
    const golden = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly genres: string[][];
      readonly decades: string[][];
      readonly texts: string[];
      readonly events: Row[];
      readonly values: number[][];
    };
    const builder = new InteractionBuilder();
    for (const [time, user, item, label] of golden.events) builder.add(user, item, label === 1 ? 5 : 1, time);
    const samples = buildSamples(builder.build({ itemIds: golden.texts.map((_, i) => `${i}`) }).interactions);
    const { names, width, values } = gatherStatistics(samples, {
      categories: [
        categoryColumn('genre', golden.genres),
        categoryColumn('decade', golden.decades, { inOverlap: false }),
      ],
      words: wordBags(golden.texts),
    });
    expect(names).toEqual([
      ...['mood.last50', 'mood.last10', 'mood.last3', 'mood.decayed', 'mood.events'],
      ...['item.likeRate', 'item.events', 'item.eventsLately', 'item.sinceLast', 'item.sinceFirst'],
      ...['item.genre', 'item.decade', 'liking.genre', 'liking.decade', 'overlap.any'],
      ...['overlap.wordsMost', 'overlap.wordsLast', 'overlap.wordsMean'],
      ...['overlap.categoriesMost', 'overlap.categoriesLast', 'overlap.categoriesMean'],
    ]);
    expect(width).toBe(names.length);
    golden.values.forEach((row, sample) => {
      expect([...values.subarray(sample * width, (sample + 1) * width)]).toEqual(closeTo(row));
    });
    expect(values.length).toBe(golden.values.length * width);
  });

  it('counts by hand: likes of the user, of the item, and when they were', () => {
    const samples = samplesOf(
      [
        [0, 1, 0, 1],
        [30, 1, 1, 0],
        [30, 2, 0, 0],
        [60, 1, 0, 1],
      ],
      2,
    );
    const statistics = gatherStatistics(samples);
    expect(statistics.blocks.map(({ name }) => name)).toEqual(['mood', 'item']);
    expect(blockOf(statistics, 0, 'mood')).toEqual([0, 0, 0, 0, 0]);
    expect(blockOf(statistics, 0, 'item')).toEqual([0, 0, 0, 0, 0]);
    // Before the last sample the user liked item 0 and then disliked item 1; another one disliked item 0.
    const share = logit(2 / 4);
    const decayed = logit((0.7 + 0.5) / (1 + 0.7 + 1));
    expect(blockOf(statistics, 3, 'mood')).toEqual(closeTo([share, share, share, decayed, Math.log(3)]));
    const rateOfAll = (1 + 1) / (3 + 2);
    const rate = logit((1 + 5 * rateOfAll) / (2 + 5));
    const counts = [2, 1 / 4 + 1 / 2, 30, 60].map(Math.log1p);
    expect(blockOf(statistics, 3, 'item')).toEqual(closeTo([rate, ...counts]));
  });

  it('leaves out what the data lack', () => {
    const samples = samplesOf([[0, 1, 0, 1]], 2);
    const blocks = (attributes: Partial<ItemAttributes>) =>
      gatherStatistics(samples, { ...noAttributes(2), ...attributes }).blocks.map(
        ({ name, width }) => `${name} ${width}`,
      );
    const genres = categoryColumn('genre', [['War'], []]);
    expect(blocks({})).toEqual(['mood 5', 'item 5']);
    expect(blocks({ words: wordBags(['a', '']) })).toEqual(['mood 5', 'item 5', 'overlap 7']);
    expect(blocks({ categories: [genres] })).toEqual(['mood 5', 'item 6', 'liking 1', 'overlap 7']);
    expect(blocks({ categories: [{ ...genres, inOverlap: false }] })).toEqual(['mood 5', 'item 6', 'liking 1']);
    expect(() => gatherStatistics(samples, noAttributes(3))).toThrow('expected words of 2 items, got 3');
  });

  const events = madeUpEvents(400);
  const builder = new InteractionBuilder();
  for (const { user, item, rating, timestamp } of events) builder.add(user, item, rating, timestamp);
  const { interactions } = builder.build();
  const { numItems, ...samples } = buildSamples(interactions);
  const attributes: ItemAttributes = {
    categories: [
      categoryColumn(
        'genre',
        Array.from({ length: numItems }, (_, i) => [`g${i % 5}`, `g${i % 3}`]),
      ),
    ],
    words: wordBags(Array.from({ length: numItems }, (_, i) => `a${i % 4} b${i % 7} c${i % 2}`)),
  };
  const gather = (changed: Partial<Samples>) => gatherStatistics({ ...samples, numItems, ...changed }, attributes);
  const whole = gather({});

  it('knows nothing of events at the same time or later', () => {
    const now = samples.timestamps[200]!;
    const changed = gather({
      labels: samples.labels.map((label, i) => (samples.timestamps[i]! < now ? label : 1 - label)),
    });
    const until = samples.timestamps.findLastIndex((time) => time <= now) + 1;
    expect(until).toBeGreaterThan(201);
    expect(changed.values.subarray(0, until * whole.width)).toEqual(whole.values.subarray(0, until * whole.width));
    expect(changed.values).not.toEqual(whole.values);
  });

  it('knows of other users only in the block item', () => {
    const changed = gather({ labels: samples.labels.map((label, i) => (samples.users[i] === 0 ? label : 1 - label)) });
    const ofUser = [...samples.users.keys()].filter((sample) => samples.users[sample] === 0);
    for (const name of ['mood', 'liking', 'overlap'] as const) {
      for (const sample of ofUser) expect(blockOf(changed, sample, name)).toEqual(blockOf(whole, sample, name));
    }
    expect(blockOf(changed, ofUser.at(-1)!, 'item')).not.toEqual(blockOf(whole, ofUser.at(-1)!, 'item'));
  });

  it('knows nothing if everything happens in one second', () => {
    const now = samples.timestamps.map(() => 1e9);
    const { values, width } = gather({ timestamps: now, eventTimes: now });
    expect(new Set(values)).toEqual(new Set([0]));
    expect(values.length).toBe(samples.length * width);
  });

  it('enters batches, row by row', () => {
    const indices = Int32Array.from([3, 200, 7, 399]);
    const options = { samples: { ...samples, numItems }, indices, batchSize: 3, statistics: whole };
    const rowOf = (sample: number) => [...whole.values.subarray(sample * whole.width, (sample + 1) * whole.width)];
    const batches = [...sequentialBatches(options), new BatchPlan({ ...options, seed: 1 }).batch(5)];
    expect(batches.map(({ size }) => size)).toEqual([3, 1, 3]);
    for (const { rows, statistics } of batches) expect([...statistics!]).toEqual([...rows].flatMap(rowOf));
    const { statistics: _, ...without } = options;
    expect([...sequentialBatches(without)][0]!.statistics).toBeUndefined();
    const short = { ...whole, values: whole.values.subarray(1) };
    expect(() => sequentialBatches({ ...options, statistics: short })).toThrow(
      `expected statistics of ${samples.length} samples × ${whole.width}, got ${whole.values.length - 1} values`,
    );
  });

  it('continues from a state, which is plain data', () => {
    const state = (tracker: StatisticsTracker) => JSON.parse(JSON.stringify(tracker.state()));
    let tracker = new StatisticsTracker({ attributes });
    const values = new Float32Array(whole.values.length);
    for (let i = 0; i < samples.length; i++) {
      if (i % 50 === 25) tracker = new StatisticsTracker({ attributes }, state(tracker));
      const [user, item, time] = [samples.users[i]!, samples.items[i]!, samples.timestamps[i]!];
      tracker.write(user, item, time, values, i * whole.width);
      tracker.add(user, item, time, samples.labels[i]!);
    }
    expect(values).toEqual(whole.values);
  });

  it('takes a late event as if it had come in time, once time has gone on', () => {
    const later = samples.timestamps.at(-1)! + 1;
    const rowAfter = (order: readonly number[]) => {
      const tracker = new StatisticsTracker({ attributes });
      for (const i of order)
        tracker.add(samples.users[i]!, samples.items[i]!, samples.timestamps[i]!, samples.labels[i]!);
      const row = new Float32Array(numItems * whole.width);
      for (let item = 0; item < numItems; item++) tracker.write(1, item, later, row, item * whole.width);
      return [...row];
    };
    const inOrder = [...samples.users.keys()];
    const late = 150;
    const withLate = inOrder.filter((i) => i !== late).toSpliced(180, 0, late);
    expect(rowAfter(withLate)).toEqual(closeTo(rowAfter(inOrder)));
  });

  it('forgets the least recently active user', () => {
    const tracker = new StatisticsTracker({ attributes: noAttributes(1), maxUsers: 2 });
    for (const [i, user] of [0, 1, 0, 2].entries()) tracker.add(user, 0, START + i, 1);
    const eventsOf = (user: number) => {
      const row = new Float32Array(tracker.layout.width);
      tracker.write(user, 0, START + 9, row, 0);
      return Math.round(Math.expm1(row[4]!));
    };
    expect([0, 1, 2].map(eventsOf)).toEqual([2, 0, 1]);
  });
});

describe('standardization', () => {
  it('is the mean and deviation of each column over the chosen samples', () => {
    const layout = { width: 2, names: ['a', 'b'], blocks: [] };
    const statistics = { ...layout, values: Float32Array.of(1, 5, 3, 5, 100, 100) };
    const { mean, deviation } = standardization(statistics, Int32Array.of(0, 1));
    expect([...mean, ...deviation]).toEqual([2, 5, 1, 1]);
    expect(() => standardization(statistics, Int32Array.of(0, 3))).toThrow('expected samples in [0, 3), got 3');
    expect(() => standardization(statistics, Int32Array.of())).toThrow('expected samples, got none');
  });
});
