import {
  assertNoStreamLeakage,
  type Batch,
  buildSamples,
  gatherBatch,
  LeakageError,
  type NamedHistories,
  SampleStream,
  type SampleStreamOptions,
  type StreamState,
  sequentialBatches,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { type Event, interactionsOf, madeUpEvents } from './made-up-events.js';

const histories = {
  liked: { length: 2 },
  long: { length: 3, skip: 2 },
  recent: { length: 5, events: 'all' },
} as const satisfies NamedHistories;
const T = 1_000_000_000;
const GAP = 1800;

const key = (user: string, item: string, timestamp: number) => `${user} ${item} ${timestamp}`;

/** In the order of a table, without events that a table would drop as duplicates. */
function ordered(count: number): Event[] {
  const { length, users, items, ratings, timestamps, userIds, itemIds } = interactionsOf(madeUpEvents(count));
  return Array.from({ length }, (_, i) => ({
    user: userIds[users[i]!]!,
    item: itemIds[items[i]!]!,
    rating: ratings[i]!,
    timestamp: timestamps[i]!,
  }));
}

/** Row `b` as outside ids. */
function readRow(batch: Batch, b: number, itemIds: readonly string[]) {
  const named = Object.entries(batch.histories).map(([name, { items, labels, length, lengths }]) => [
    name,
    Array.from({ length: lengths[b]! }, (_, k) => [itemIds[items[b * length + k]!], labels[b * length + k]]),
  ]);
  const { labels, sessions, timestamps } = batch;
  return {
    ...{ label: labels[b], session: sessions[b], timestamp: timestamps[b] },
    ...Object.fromEntries(named),
  };
}

describe.each(['visit', 'event'] as const)("a stream with historyAsOf '%s'", (historyAsOf) => {
  const events = ordered(700);
  const samples = buildSamples(interactionsOf(events), { historyAsOf });
  const rows = Int32Array.from({ length: samples.length }, (_, i) => i);
  const table = gatherBatch(samples, rows, histories);
  // A visit's samples are in the order of their own times. The n-th event of a user is his n-th sample.
  const nthOf = (event: Event) => events.filter(({ user }) => user === event.user).indexOf(event);
  const expected = new Map(
    events.map((event) => {
      const dense = samples.userIds.indexOf(event.user);
      const row = rows.filter((each) => samples.users[each] === dense)[nthOf(event)]!;
      return [key(event.user, event.item, event.timestamp), readRow(table, row, samples.itemIds)];
    }),
  );

  it.each([1, 7, 64])('gives the labels, sessions, times and histories of a table, in batches of %i', (batchSize) => {
    const options: SampleStreamOptions = { batchSize, histories, historyAsOf };
    let stream = new SampleStream(options);
    const batches: Batch[] = [];
    let next = 0;
    for (const event of [...events, undefined]) {
      for (let batch = event ? stream.push(event) : stream.flush(); batch; batch = event ? undefined : stream.flush()) {
        for (let b = 0; b < batch.size; b++, next++) {
          const { user, item, timestamp } = events[next]!;
          expect(readRow(batch, b, stream.itemIds)).toEqual(expected.get(key(user, item, timestamp)));
        }
        batches.push(batch);
        stream = new SampleStream(options, JSON.parse(JSON.stringify(stream.state())) as StreamState);
      }
    }
    expect(next).toBe(events.length);
    assertNoStreamLeakage(batches, { historyAsOf });
  });

  it('shows a request the histories of the event that follows it', () => {
    const options: SampleStreamOptions = { batchSize: 1, histories, historyAsOf };
    const stream = new SampleStream(options);
    for (const [i, event] of events.entries()) {
      stream.push(event);
      if (i % 25 > 0) continue;
      for (const user of stream.userIds) {
        for (const later of [0, 1, GAP, GAP + 1, 86_400]) {
          const time = event.timestamp + later;
          const now = stream.histories(user, { time });
          const copy = new SampleStream(options, stream.state());
          expect(copy.push({ user, item: 'next', label: 1, timestamp: time })!.histories).toEqual(now);
        }
      }
    }
  });

  it('batches of all samples pass assertNoStreamLeakage', () => {
    const batches = sequentialBatches({ samples, indices: rows, batchSize: 50, histories });
    assertNoStreamLeakage(batches, { historyAsOf });
  });
});

describe("a stream with historyAsOf 'visit'", () => {
  const options: SampleStreamOptions = { batchSize: 1, histories, historyAsOf: 'visit' };
  const at = (item: string, seconds: number, user = 'a') => ({ user, item, label: 1 as const, timestamp: T + seconds });
  const streamOf = (...events: ReturnType<typeof at>[]) => {
    const stream = new SampleStream(options);
    for (const event of events) stream.push(event);
    return stream;
  };
  /** The user's recent items at a time in seconds, most recent first. */
  const recent = (stream: SampleStream, seconds?: number, user = 'a') => {
    const { items, lengths } = stream.histories(user, seconds === undefined ? {} : { time: T + seconds })['recent']!;
    return Array.from(items.subarray(0, lengths[0]), (item) => stream.itemIds[item]);
  };

  it('keeps the events of a visit for the next one', () => {
    const stream = streamOf(at('x', 0), at('y', 1000), at('z', 2000));
    expect(recent(stream, 2000)).toEqual([]);
    expect(recent(stream, 2000 + GAP)).toEqual([]); // 30 minutes later the visit still lasts
    expect(recent(stream, 2001 + GAP)).toEqual(['z', 'y', 'x']);
  });

  it('shows a request from before the visit nothing later than the request', () => {
    const stream = streamOf(at('x', -9000), at('y', -4000), at('z', 0));
    expect(recent(stream, -5000)).toEqual(['x']);
  });

  it('takes the newest event that it has received as the time of a request', () => {
    const stream = streamOf(at('x', 0), at('y', 1000));
    expect(recent(stream)).toEqual([]);
    stream.push(at('z', 1000 + GAP, 'another user'));
    expect(recent(stream)).toEqual([]);
    stream.push(at('z', 1001 + GAP, 'another user'));
    expect(recent(stream)).toEqual(['y', 'x']);
    expect(recent(stream, undefined, 'a stranger')).toEqual([]);
    expect(recent(new SampleStream(options))).toEqual([]);
  });

  it('lets waiting events extend a visit or begin one', () => {
    const stream = new SampleStream({ ...options, batchSize: 3 });
    for (const event of [at('p', -9000), at('q', -8999), at('x', 0)]) stream.push(event);
    stream.push(at('y', 1500)); // waits
    expect(recent(stream, 1500 + GAP)).toEqual(['q', 'p']); // The visit that x began still lasts.
    expect(recent(stream, 1501 + GAP)).toEqual(['x', 'q', 'p']);
    stream.push(at('z', 9000)); // waits too, and begins a visit
    expect(recent(stream, 9000 + GAP)).toEqual(['x', 'q', 'p']);
    expect(recent(stream, 1500)).toEqual(['q', 'p']);
  });

  it('a late event belongs to its visit: it is seen from the next visit on, at its own time', () => {
    const stream = streamOf(at('x', 0), at('z', 1000), at('late', 500));
    expect(recent(stream, 1000)).toEqual([]);
    expect(recent(stream, 9000)).toEqual(['z', 'late', 'x']);
  });

  it('a late event shortly before a visit begins the visit', () => {
    const stream = streamOf(at('old', -9000), at('x', 0), at('late', -GAP));
    expect(recent(stream, 10)).toEqual(['old']);
    const batch = stream.push(at('y', 10))!;
    expect([batch.timestamps[0], batch.sessions[0]]).toEqual([T - GAP, 1]);
    expect(recent(stream, 9000)).toEqual(['y', 'x', 'late', 'old']);
  });

  it('a late event of an earlier visit is history at once', () => {
    const stream = streamOf(at('x', 0), at('late', -GAP - 1));
    expect(recent(stream, 10)).toEqual(['late']);
    const dropping = new SampleStream({ ...options, late: 'drop' });
    for (const event of [at('x', 0), at('late', -GAP - 1)]) dropping.push(event);
    expect(recent(dropping, 10)).toEqual([]);
  });

  it('late events of a user without others are a visit too', () => {
    const stream = streamOf(at('x', 0, 'b'), at('late', -100), at('later', -50));
    expect(recent(stream, 0)).toEqual([]);
    expect(recent(stream, GAP)).toEqual(['later', 'late']);
    const batch = stream.push(at('y', 1000))!;
    expect([batch.timestamps[0], batch.sessions[0]]).toEqual([T - 100, 1]);
  });

  it('keeps as many events as its histories reach back, however long the visit', () => {
    const before = Array.from({ length: 8 }, (_, i) => at(`b${i}`, -10_000 + i));
    const visit = Array.from({ length: 100 }, (_, i) => at(`v${i}`, 100 * i));
    const stream = streamOf(...before, ...visit);
    expect(recent(stream, 9900)).toEqual(['b7', 'b6', 'b5', 'b4', 'b3']);
    expect(recent(stream, 99_000)).toEqual(['v99', 'v98', 'v97', 'v96', 'v95']);
    expect(stream.state().histories.users[0]!.all.items.length).toBe(10);
  });

  it('refuses a state of the other kind, and one whose visit begins after its last event', () => {
    const state = streamOf(at('x', 0)).state();
    expect(() => new SampleStream({ ...options, historyAsOf: 'event' }, state)).toThrow(
      'SampleStream: expected a state with historyAsOf event, as in the options, got "visit"',
    );
    const [user] = state.histories.users;
    const damaged = { ...state, histories: { ...state.histories, users: [{ ...user!, visitStart: T + 1 }] } };
    expect(() => new SampleStream(options, damaged)).toThrow(
      `expected histories.users[0].lastTime of the state to be at least ${T + 1}, got ${T}`,
    );
  });

  it('refuses other values, and times in milliseconds', () => {
    const historyAsOf = 'now' as unknown as 'visit';
    expect(() => new SampleStream({ ...options, historyAsOf })).toThrow(
      'SampleStream: expected historyAsOf to be visit or event, got "now"',
    );
    expect(() => new SampleStream(options).histories('a', { time: T * 1000 })).toThrow(/looks like milliseconds/);
    expect(() => assertNoStreamLeakage([], { historyAsOf })).toThrow('assertNoStreamLeakage: expected historyAsOf');
  });

  it('assertNoStreamLeakage refuses batches that show the visit itself', () => {
    const events = ordered(100);
    const batches = (kind: 'visit' | 'event') => {
      const stream = new SampleStream({ ...options, historyAsOf: kind, batchSize: 100 });
      return [...events.map((event) => stream.push(event)), stream.flush()].filter((batch) => batch !== undefined);
    };
    const [byVisit, byEvent] = [batches('visit'), batches('event')];
    const leaking = byVisit.map((batch, i) => ({ ...batch, histories: byEvent[i]!.histories }));
    expect(() => assertNoStreamLeakage(leaking, { historyAsOf: 'visit' })).toThrow(LeakageError);
    expect(() => assertNoStreamLeakage(byEvent, { historyAsOf: 'visit' })).toThrow(/expected time \d+ in visit/);
    const mixed = byVisit.map((batch) => ({ ...batch, sessions: batch.sessions.fill(0) }));
    expect(() => assertNoStreamLeakage(mixed, { historyAsOf: 'visit' })).toThrow(/expected user \d+ in visit 0/);
  });
});
