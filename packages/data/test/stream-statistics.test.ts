import {
  type Batch,
  buildSamples,
  categoryColumn,
  gatherStatistics,
  type ItemAttributes,
  noAttributes,
  SampleStream,
  type SampleStreamOptions,
  type StreamEvent,
  type StreamState,
  wordBags,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const GAP = 1800;
const interactions = interactionsOf(madeUpEvents(600));
const { userIds, itemIds } = interactions;
const attributes: ItemAttributes = {
  categories: [
    categoryColumn(
      'genre',
      itemIds.map((_, i) => [`g${i % 5}`, `g${i % 3}`]),
    ),
    categoryColumn(
      'decade',
      itemIds.map((_, i) => (i % 4 === 0 ? [] : [`${i % 4}`])),
      { inOverlap: false },
    ),
  ],
  words: wordBags(itemIds.map((_, i) => `a${i % 4} b${i % 7} c${i % 2}`)),
};
/** The table's events in its order. */
const events = Array.from({ length: interactions.length }, (_, i) => ({
  user: userIds[interactions.users[i]!]!,
  item: itemIds[interactions.items[i]!]!,
  rating: interactions.ratings[i]!,
  timestamp: interactions.timestamps[i]!,
}));
const options: SampleStreamOptions = { batchSize: 7, userIds, itemIds, statistics: { attributes } };
const restart = (stream: SampleStream) =>
  new SampleStream(stream.options, JSON.parse(JSON.stringify(stream.state())) as StreamState);

/** The statistics of every event, in order, from a stream that is restarted now and then. */
function collect(more: Partial<SampleStreamOptions>, of: readonly StreamEvent[] = events): Float32Array {
  let stream = new SampleStream({ ...options, ...more });
  const batches: Batch[] = [];
  for (const [i, event] of of.entries()) {
    const batch = stream.push(event);
    if (batch !== undefined) batches.push(batch);
    if (i % 40 === 17) stream = restart(stream);
  }
  const rest = stream.flush();
  return Float32Array.from([...batches, ...(rest ? [rest] : [])].flatMap(({ statistics }) => [...statistics!]));
}

describe('statistics of a stream', () => {
  const table = gatherStatistics(buildSamples(interactions), attributes);
  const { width } = table;

  it.each([1, 7, 64])('are those of a table, in batches of %i', (batchSize) => {
    expect(collect({ batchSize })).toEqual(table.values);
  });

  it('by visits are those of a table too', () => {
    const samples = buildSamples(interactions, { historyAsOf: 'visit' });
    const byVisit = gatherStatistics(samples, attributes);
    const values = collect({ historyAsOf: 'visit' });
    // The n-th event of a user is their n-th sample in either order.
    const rowsOf = (users: ArrayLike<number>) =>
      userIds.map((_, user) => Array.from(users).flatMap((each, row) => (each === user ? [row] : [])));
    const [inStream, inTable] = [rowsOf(interactions.users), rowsOf(samples.users)];
    const rowAt = (of: Float32Array, row: number) => [...of.subarray(row * width, (row + 1) * width)];
    inStream.forEach((rows, user) => {
      rows.forEach((row, n) => {
        expect(rowAt(values, row)).toEqual(rowAt(byVisit.values, inTable[user]![n]!));
      });
    });
    expect(byVisit.values).not.toEqual(table.values);
  });

  it('by visits count an event for its item when its visit is over', () => {
    const values = collect({ historyAsOf: 'visit' });
    const { sessions } = buildSamples(interactions);
    const column = table.names.indexOf('item.events');
    const lastOf = new Map<number, number>(); // of each visit, until now
    let most = 0;
    for (const [i, { item, timestamp }] of events.entries()) {
      const isOver = (j: number) => timestamp - lastOf.get(sessions[j]!)! > GAP;
      const expected = events.slice(0, i).filter((other, j) => other.item === item && isOver(j)).length;
      expect(Math.round(Math.expm1(values[i * width + column]!))).toBe(expected);
      lastOf.set(sessions[i]!, timestamp);
      most = Math.max(most, expected);
    }
    expect(most).toBeGreaterThan(10);
  });

  it('for serving are those that the next event gets', () => {
    for (const historyAsOf of ['event', 'visit'] as const) {
      const stream = new SampleStream({ ...options, batchSize: 1, historyAsOf });
      for (const event of events.slice(0, 400)) stream.push(event);
      const time = events[399]!.timestamp + 60;
      const state = stream.state();
      for (const user of [...userIds.slice(0, 3), 'nobody']) {
        const items = Int32Array.of(3, 9, 4000);
        const now = stream.statistics(user, items, { time });
        expect(stream.state()).toEqual(state);
        for (const [i, item] of [itemIds[3]!, itemIds[9]!, 'unheard of'].entries()) {
          const next = restart(stream).push({ user, item, label: 1, timestamp: time })!;
          expect(now.subarray(i * width, (i + 1) * width)).toEqual(next.statistics);
        }
      }
    }
  });

  it('for serving know of the newest event, if no time is given', () => {
    const stream = new SampleStream({ batchSize: 1, statistics: { attributes: noAttributes(0) } });
    expect([...stream.statistics('u', Int32Array.of(0))]).toEqual(new Array(10).fill(0));
    stream.push({ user: 'u', item: 'a', label: 1, timestamp: 1e9 });
    const [, , , , moodEvents, , itemEvents] = stream.statistics('u', Int32Array.of(0));
    expect([moodEvents, itemEvents]).toEqual([Math.fround(Math.log(2)), Math.fround(Math.log(2))]);
    const bare = new SampleStream({ batchSize: 1 });
    expect(() => bare.statistics('u', Int32Array.of(0))).toThrow('expected the option statistics, got none');
    expect(
      () => new SampleStream({ batchSize: 1, statistics: { attributes: noAttributes(2) }, itemIds: ['a'] }),
    ).toThrow('expected itemIds of the 2 items with attributes, got 1 itemIds');
  });

  it('know of late events', () => {
    const [first, second, third] = [0, 100, 200].map((seconds) => ({
      ...{ user: 'u', item: 'a', label: 1 as const },
      timestamp: 1e9 + seconds,
    }));
    const row = (...of: StreamEvent[]) => {
      const stream = new SampleStream({ batchSize: 1, statistics: { attributes: noAttributes(0) } });
      return of.map((event) => stream.push(event)).at(-1)!.statistics;
    };
    expect(row(second!, first!, third!)).toEqual(row(first!, second!, third!));
  });

  it('have a state that must fit the options and be whole', () => {
    const stream = new SampleStream({ ...options, historyAsOf: 'visit' });
    for (const event of events.slice(0, 70)) stream.push(event);
    const state = stream.state();
    const spoilt = (path: string, value: unknown) => {
      const copy = JSON.parse(JSON.stringify(state));
      const keys = path.split('.');
      const parent = keys.slice(0, -1).reduce((object, key) => object[key], copy.statistics);
      parent[keys.at(-1)!] = value;
      return () => new SampleStream(stream.options, copy);
    };
    const { statistics: _, ...without } = stream.options;
    expect(() => new SampleStream(without, state)).toThrow('expected a state without statistics, as in the options');
    expect(() => new SampleStream(stream.options, { ...state, statistics: null })).toThrow(
      'expected a state with statistics, as in the options, got null',
    );
    const others = { attributes: { ...attributes, categories: attributes.categories.slice(1) } };
    expect(() => new SampleStream({ ...stream.options, statistics: others }, state)).toThrow(
      'expected statistics.columns of the state to be the category columns of the attributes, got "others"',
    );
    const item = state.statistics!.tracker.items[0]![0];
    const firstVisit = state.statistics!.openVisits[0]!;
    for (const [message, path, value] of [
      ['statistics.openVisits[0][0].label of the state to be 0 or 1, got 2', 'openVisits.0.0.label', 2],
      ['statistics.openVisits[0] of the state to be at least one event', 'openVisits.0', []],
      ['statistics.openVisits[1][0].user of the state to be one open visit of each user', 'openVisits.1', firstVisit],
      ['statistics.all.likes of the state to be at most', 'tracker.all.likes', 1e6],
      ['statistics.items[0][1].first of the state to be a finite number', 'tracker.items.0.1.first', null],
      ['statistics.items[1][0] of the state to be a new id', 'tracker.items.1.0', item],
      ['statistics.users[0][1].recent.labels[0] of the state', 'tracker.users.0.1.recent.labels.0', 7],
      ['statistics.users[0][1].categories[0][0] of the state', 'tracker.users.0.1.categories.0.0', 99],
      ['statistics.categories of the state to be 8 counts, got 0', 'tracker.categories', []],
    ] as const) {
      expect(spoilt(path, value)).toThrow(message);
    }
  });
});
