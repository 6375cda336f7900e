import {
  assertNoStreamLeakage,
  type Batch,
  buildSamples,
  LeakageError,
  type NamedHistories,
  SampleStream,
  type SampleStreamOptions,
  type StreamEvent,
  type StreamState,
  sequentialBatches,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const interactions = interactionsOf(madeUpEvents(600));
const samples = buildSamples(interactions);
const { userIds, itemIds } = interactions;
/** The table's events in its order. */
const events: StreamEvent[] = Array.from({ length: interactions.length }, (_, i) => ({
  user: userIds[interactions.users[i]!]!,
  item: itemIds[interactions.items[i]!]!,
  rating: interactions.ratings[i]!,
  timestamp: interactions.timestamps[i]!,
}));
const histories = {
  liked: { length: 2 },
  long: { length: 8, skip: 2 },
  recent: { length: 5, events: 'all' },
} as const satisfies NamedHistories;
const options: SampleStreamOptions = { batchSize: 7, histories, userIds, itemIds };

function collect(stream: SampleStream, of: readonly StreamEvent[]): Batch[] {
  const batches = of.flatMap((event) => stream.push(event) ?? []);
  const rest = stream.flush();
  return rest === undefined ? batches : [...batches, rest];
}
/** An event some seconds after a fixed time. */
const at = (seconds: number, more: Partial<StreamEvent> = {}): StreamEvent => {
  return { user: 'u', item: `i${seconds}`, label: 1, timestamp: 1_000_000_000 + seconds, ...more };
};
const small = { batchSize: 100, histories: { liked: { length: 4 } } };
const likedOf = (batch: Batch | undefined) => batch!.histories['liked']!;
const itemsOf = (stream: SampleStream, ids: Int32Array) =>
  Array.from(ids, (id) => (id < 0 ? null : stream.itemIds[id]));

describe('SampleStream', () => {
  it('makes the same batches as a table of the same events, whatever the batch size', () => {
    const indices = Int32Array.from({ length: samples.length }, (_, i) => i);
    for (const batchSize of [1, 7, 64, 1000]) {
      const expected = [...sequentialBatches({ samples, indices, batchSize, histories })];
      expect(collect(new SampleStream({ ...options, batchSize }), events)).toEqual(expected);
    }
  });

  it('leaks nothing, and assertNoStreamLeakage detects a leak', () => {
    const batches = collect(new SampleStream(options), events);
    assertNoStreamLeakage(batches);
    const fails = (spoil: (batch: Batch) => Partial<Batch>) => {
      const spoilt = batches.map((batch, i) => (i === 30 ? { ...batch, ...spoil(batch) } : batch));
      expect(() => assertNoStreamLeakage(spoilt)).toThrow(LeakageError);
      return expect(() => assertNoStreamLeakage(spoilt));
    };
    fails((batch) => ({ timestamps: batch.timestamps.map((time) => time - 1e6) })).toThrow('not before');
    fails(({ histories: { liked, ...others }, items }) => ({
      histories: { ...others, liked: { ...liked!, items: liked!.items.map((_, k) => items[Math.floor(k / 2)]!) } },
    })).toThrow(/expected item -?\d+ at position \d of the history liked of sample 2\d\d/);
    fails(({ histories: { recent, ...others } }) => ({
      histories: { ...others, recent: { ...recent!, lengths: recent!.lengths.map(() => 0) } },
    })).toThrow('items in the history recent of sample');
    fails(({ histories: { recent, ...others } }) => ({
      histories: { ...others, recent: { ...recent!, labels: recent!.labels.map((label) => 1 - label) } },
    })).toThrow(/expected label [01] at position 0 of the history recent of sample 2\d\d, got [01]/);
  });

  it('numbers users, items and queries in order of arrival', () => {
    const stream = new SampleStream(small);
    const [batch] = collect(stream, [
      at(1, { user: 7, item: 'x', query: 'Dune' }),
      at(2, { user: 'new', item: 'y' }),
      at(3, { user: '7', item: 'x', query: ' dune ' }),
    ]);
    expect([stream.userIds, stream.itemIds, stream.queries]).toEqual([['7', 'new'], ['x', 'y'], ['dune']]);
    expect([[...batch!.users], [...batch!.items], [...batch!.queries]]).toEqual([
      [0, 1, 0],
      [0, 1, 0],
      [0, -1, 0],
    ]);
  });

  it('accepts labels, or ratings with a rule', () => {
    const given: StreamEvent[] = [{ ...at(1), label: 0 }, at(2)];
    const rated = [2, 3, 5].map((rating, k) => ({ user: 'u', item: 'i', rating, timestamp: 1_000_000_010 + k }));
    const stream = new SampleStream({ ...small, positive: (rating) => rating >= 3 });
    expect([...collect(stream, [...given, ...rated])[0]!.labels]).toEqual([0, 1, 0, 1, 1]);
  });

  it('an event sees strictly earlier events of its own batch, and none of its own timestamp', () => {
    const stream = new SampleStream(small);
    const [batch] = collect(stream, [
      at(1, { item: 'a' }),
      at(2, { item: 'b' }),
      at(2, { item: 'c' }),
      at(3, { item: 'd' }),
    ]);
    expect([...likedOf(batch).lengths]).toEqual([0, 1, 1, 3]);
    expect(itemsOf(stream, likedOf(batch).items.subarray(12))).toEqual(['c', 'b', 'a', null]);
  });

  it('ends a session after a pause longer than the gap', () => {
    const stream = new SampleStream({ ...small, sessionGapSeconds: 10 });
    const [batch] = collect(stream, [at(0), at(5, { user: 'v' }), at(10), at(21), at(22, { user: 'v' })]);
    expect([...batch!.sessions]).toEqual([0, 1, 0, 2, 3]);
  });

  it('sorts events that arrive out of order before their batch is made', () => {
    const stream = new SampleStream(small);
    const [batch] = collect(stream, [at(1), at(5), at(3), at(4)]);
    expect(Array.from(batch!.timestamps, (time) => time - 1_000_000_000)).toEqual([1, 3, 4, 5]);
    expect(itemsOf(stream, likedOf(batch).items.subarray(12))).toEqual(['i4', 'i3', 'i1', null]);
    expect(stream.counts).toMatchObject({ reordered: 2, late: 0 });
  });

  it('counts and reports late events, which enter histories or are dropped', () => {
    for (const late of ['history', 'drop'] as const) {
      const reported: [unknown, number][] = [];
      const stream = new SampleStream({ ...small, late, onLate: (event, time) => reported.push([event.item, time]) });
      collect(stream, [at(10), at(20)]);
      expect(stream.push(at(15))).toBeUndefined();
      const [batch] = collect(stream, [at(20, { item: 'tie' }), at(30)]);
      expect(batch!.size).toBe(2);
      expect(reported).toEqual([['i15', 1_000_000_020]]);
      expect(stream.counts).toMatchObject({ events: 5, samples: 4, late: 1 });
      const expected = late === 'history' ? ['tie', 'i20', 'i15', 'i10'] : ['tie', 'i20', 'i10', null];
      expect(itemsOf(stream, likedOf(batch).items.subarray(4))).toEqual(expected);
    }
  });

  it('refuses new ids beyond the bounds, and counts them', () => {
    const stream = new SampleStream({ ...small, maxUserIds: 1, maxItemIds: 2, maxQueries: 1 });
    const [batch] = collect(stream, [
      at(1, { item: 'a', query: 'one' }),
      at(2, { item: 'b', user: 'second' }),
      at(3, { item: 'b', query: 'two' }),
      at(4, { item: 'c' }),
    ]);
    expect([[...batch!.items], [...batch!.queries]]).toEqual([
      [0, 1],
      [0, -1],
    ]);
    expect(stream.counts).toMatchObject({ events: 4, samples: 2, refused: 2, queriesRefused: 1 });
    expect(stream.userIds).toEqual(['u']);
  });

  it('forgets the least recently active user beyond the bound', () => {
    const stream = new SampleStream({ ...small, maxUsers: 2 });
    const users = ['a', 'b', 'a', 'c', 'a', 'b'];
    const [batch] = collect(
      stream,
      users.map((user, k) => at(k, { user })),
    );
    expect([...likedOf(batch).lengths]).toEqual([0, 0, 1, 0, 2, 0]);
    expect([...batch!.sessions]).toEqual([0, 1, 0, 2, 0, 3]);
    expect(stream.counts.forgottenUsers).toBe(2);
  });

  it('keeps a bounded history of each user', () => {
    const stream = new SampleStream({
      batchSize: 1,
      histories: { liked: { length: 3 }, recent: { length: 2, events: 'all' } },
    });
    for (let k = 0; k < 5000; k++) stream.push(at(k % 50 === 0 ? k : k - (k % 50), { item: `${k % 10}` }));
    const { users } = stream.state().histories;
    expect(users).toHaveLength(1);
    expect(users[0]!.positive.items.length).toBeLessThanOrEqual(6);
    expect(users[0]!.all.items.length).toBeLessThanOrEqual(4);
  });

  it('keeps as many events of one timestamp as a history may hold', () => {
    const stream = new SampleStream({ batchSize: 1, histories: { liked: { length: 2 } } });
    for (let k = 0; k < 8; k++) stream.push(at(0, { item: `${k}` })); // Four times the length: the history is trimmed.
    expect(itemsOf(stream, likedOf(stream.push(at(1))).items)).toEqual(['7', '6']);
  });

  it('restored from its state at any point, through JSON, continues as if it had never stopped', () => {
    const whole = collect(new SampleStream(options), events);
    for (const stop of [0, 1, 100, 333, events.length]) {
      const first = new SampleStream(options);
      const before = events.slice(0, stop).flatMap((event) => first.push(event) ?? []);
      const saved = JSON.parse(JSON.stringify(first.state())) as StreamState;
      const second = new SampleStream(options, saved);
      expect(second.counts.events).toBe(stop);
      expect([...before, ...collect(second, events.slice(stop))]).toEqual(whole);
      expect(second.counts).toMatchObject({ events: events.length, samples: events.length });
    }
  });

  it('a state is a copy, late events and counts included', () => {
    const stream = new SampleStream(small);
    collect(stream, [at(10)]);
    stream.push(at(5, { user: 'only late' }));
    const saved = stream.state();
    const text = JSON.stringify(saved);
    collect(stream, [at(20), at(21, { user: 'x', query: 'q' })]);
    expect(JSON.stringify(saved)).toBe(text);
    const [batch] = collect(new SampleStream(small, JSON.parse(text) as StreamState), [at(11, { user: 'only late' })]);
    expect([...likedOf(batch).lengths]).toEqual([1]);
    expect(saved.counts).toMatchObject({ events: 2, samples: 1, late: 1 });
  });

  it('refuses a state that does not fit', () => {
    const state = new SampleStream({ ...small, userIds: ['a'] }).state();
    expect(() => new SampleStream({ ...small, histories: { liked: { length: 9 } } }, state)).toThrow(
      'SampleStream: expected a state that keeps 9 events of each user for positive histories, got 4',
    );
    expect(() => new SampleStream({ ...small, userIds: ['b'] }, state)).toThrow(
      'SampleStream: expected "a" at 0 of userIds, as in the state, got "b"',
    );
    const other = { ...state, format: 2 } as unknown as StreamState;
    expect(() => new SampleStream(small, other)).toThrow('expected a state of format 4, got 2');
  });

  it.each([
    ['expected an id as user, got ""', { user: '' }],
    ['expected an id as item, got NaN', { item: Number.NaN }],
    ['looks like milliseconds', { timestamp: 1_445_714_994_000 }],
    ['in timestamp, got NaN', { timestamp: Number.NaN }],
    ['expected a number in timestamp, got "1000000002"', { timestamp: '1000000002' as unknown as number }],
    ['expected a number in timestamp, got null', { timestamp: null as unknown as number }],
    ['expected a label of 0 or 1, or a finite rating, got label 2', { label: 2 as 1 }],
    ['got label "1"', { label: '1' as unknown as 1 }],
    ['got label null', { label: null as unknown as 1 }],
    ['expected a text as query, got 7', { query: 7 as unknown as string }],
    ['expected a text as query, got an object', { query: {} as string }],
  ])('refuses an event by its number and stays unchanged: %s', (message, wrong) => {
    const stream = new SampleStream(small);
    stream.push(at(1));
    const before = stream.state();
    expect(() => stream.push(at(2, wrong))).toThrow(message);
    expect(() => stream.push(at(2, wrong))).toThrow('SampleStream.push: event 1: ');
    expect(stream.state()).toEqual(before);
  });

  it('takes null as no query', () => {
    const batch = new SampleStream({ ...small, batchSize: 1 }).push(at(1, { query: null }));
    expect([...batch!.queries]).toEqual([-1]);
  });

  it('refuses an event without label and rating, and impossible sizes', () => {
    const { label: _, ...unrated } = at(1);
    expect(() => new SampleStream(small).push(unrated)).toThrow('got rating undefined');
    const text = { ...unrated, rating: '5' as unknown as number };
    expect(() => new SampleStream(small).push(text)).toThrow('got rating "5"');
    const none = null as unknown as StreamEvent;
    expect(() => new SampleStream(small).push(none)).toThrow('event 0: expected an object, got null');
    expect(() => new SampleStream({ ...small, batchSize: 0 })).toThrow(
      'expected batchSize to be a whole number from 1',
    );
    expect(() => new SampleStream({ ...small, histories: { liked: { length: -1 } } })).toThrow(
      'expected length of history "liked"',
    );
    expect(() => new SampleStream({ ...small, itemIds: ['a', 'a'] })).toThrow(
      'itemIds: expected distinct ids, got "a" twice',
    );
    expect(() => new SampleStream({ ...small, userIds: ['a', 'b'], maxUserIds: 1 })).toThrow('at most 1 ids');
  });
});
