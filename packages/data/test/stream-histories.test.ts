import {
  type BatchHistory,
  type NamedHistories,
  SampleStream,
  type SampleStreamOptions,
  type StreamEvent,
  type StreamState,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { madeUpEvents } from './made-up-events.js';

const histories = {
  liked: { length: 2 },
  long: { length: 6, skip: 2 },
  recent: { length: 5, events: 'all' },
  earlier: { length: 4, skip: 3, events: 'all' },
} as const satisfies NamedHistories;
const OPTIONS: SampleStreamOptions = { batchSize: 7, histories };
const LATER = 2_000_000_000;

/** In time order with many ties, but every ninth arrives some hours late. */
const EVENTS: StreamEvent[] = madeUpEvents(500)
  .sort((a, b) => a.timestamp - b.timestamp)
  .map((event, i) => (i % 9 === 8 ? { ...event, timestamp: event.timestamp - 7000 } : event));

/** The plain computation, over all events in the order in which they arrived. */
class Log {
  readonly #known: { readonly event: StreamEvent; readonly label: number }[] = [];

  add(event: StreamEvent): void {
    this.#known.push({ event, label: event.rating! >= 4 ? 1 : 0 });
  }

  /** Items and labels before `time`, most recent first. */
  before(user: StreamEvent['user'], time: number, kind: 'positive' | 'all'): [string, number][] {
    return this.#known
      .filter(({ event, label }) => event.user === user && event.timestamp < time && (kind === 'all' || label === 1))
      .sort((a, b) => a.event.timestamp - b.event.timestamp) // Stable: within one timestamp the last to arrive is last.
      .map(({ event, label }): [string, number] => [String(event.item), label])
      .reverse();
  }
}

type Histories = Readonly<Record<string, BatchHistory>>;

/** Row `b` of the histories as items and labels, by name. */
function read(stream: SampleStream, of: Histories, b = 0): Record<string, [string, number][]> {
  const row = ({ length, lengths, items, labels }: BatchHistory) =>
    Array.from({ length: lengths[b]! }, (_, k): [string, number] => {
      return [stream.itemIds[items[b * length + k]!]!, labels[b * length + k]!];
    });
  return Object.fromEntries(Object.entries(of).map(([name, history]) => [name, row(history)]));
}

function expected(log: Log, user: StreamEvent['user'], time: number): ReturnType<typeof read> {
  const [liked, recent] = [log.before(user, time, 'positive'), log.before(user, time, 'all')];
  return {
    liked: liked.slice(0, 2),
    long: liked.slice(2, 8),
    recent: recent.slice(0, 5),
    earlier: recent.slice(3, 7),
  };
}

/** Another stream in the same state. */
const copyOf = (stream: SampleStream, options: SampleStreamOptions = OPTIONS) =>
  new SampleStream(options, JSON.parse(JSON.stringify(stream.state())) as StreamState);

/**
 * Sends all events and compares every batch with the log. Calls `look` after each batch.
 *
 * @returns the number of rows compared.
 */
function replay(begin: SampleStream, look: (stream: SampleStream, log: Log) => SampleStream): number {
  const log = new Log();
  let stream = begin;
  let waiting: StreamEvent[] = [];
  let compared = 0;
  for (const event of EVENTS) {
    const { late } = stream.counts;
    const batch = stream.push(event);
    if (stream.counts.late > late) log.add(event);
    else waiting.push(event);
    if (batch === undefined) continue;
    waiting.sort((a, b) => a.timestamp - b.timestamp);
    for (const [b, row] of waiting.entries()) {
      expect(read(stream, batch.histories, b)).toEqual(expected(log, row.user, row.timestamp));
      log.add(row);
      compared++;
    }
    waiting = [];
    stream = look(stream, log);
  }
  expect(stream.counts.late).toBeGreaterThan(20);
  return compared;
}

describe('histories of a stream', () => {
  it('equal a plain replay, with labels, skips, ties and late events', () => {
    expect(replay(new SampleStream(OPTIONS), (stream) => stream)).toBeGreaterThan(400);
  });

  it('equal it too if the stream is saved and restored after every batch', () => {
    expect(replay(new SampleStream(OPTIONS), (stream) => copyOf(stream))).toBeGreaterThan(400);
  });
});

describe('SampleStream.histories', () => {
  it('holds all events up to now', () => {
    replay(new SampleStream(OPTIONS), (stream, log) => {
      for (const user of stream.userIds) {
        expect(read(stream, stream.histories(user))).toEqual(expected(log, user, Number.POSITIVE_INFINITY));
      }
      return stream;
    });
  });

  it('equals the row of the user’s next event', () => {
    const options = { ...OPTIONS, batchSize: 1 };
    const stream = new SampleStream(options);
    for (const [i, event] of EVENTS.entries()) {
      stream.push(event);
      if (i % 20 > 0) continue;
      for (const user of stream.userIds) {
        const now = stream.histories(user);
        const batch = copyOf(stream, options).push({ user, item: 'next', label: 1, timestamp: LATER });
        expect(batch!.histories).toEqual(now);
      }
    }
  });

  it('accepts a number for its text, and leaves out waiting events', () => {
    const stream = new SampleStream({ ...OPTIONS, batchSize: 100 });
    const at = (item: string, label: 0 | 1, timestamp: number) => ({ user: 7, item, label, timestamp });
    stream.push(at('a', 1, 1_000_000_000));
    stream.push(at('b', 0, 1_000_000_001));
    expect(read(stream, stream.histories(7))['recent']).toEqual([]);
    stream.flush();
    stream.push(at('c', 1, 1_000_000_002));
    stream.push(at('late', 0, 999_999_999));
    const recent = [
      ['b', 0],
      ['a', 1],
      ['late', 0],
    ];
    expect(read(stream, stream.histories(7))['recent']).toEqual(recent);
    expect(stream.histories('7')).toEqual(stream.histories(7));
  });

  it('changes nothing, not even the user who is forgotten next', () => {
    const options = { batchSize: 1, histories, maxUsers: 2 };
    const stream = new SampleStream(options);
    const send = (user: string, k: number) =>
      stream.push({ user, item: `i${k}`, label: 1, timestamp: 1_000_000_000 + k });
    send('a', 0);
    send('b', 1);
    const before = stream.state();
    for (const user of ['a', 'a stranger', 'b', 'a']) stream.histories(user);
    expect(stream.state()).toEqual(before);
    send('c', 2);
    const known = ['a', 'b', 'c'].map((user) => stream.histories(user)['liked']!.lengths[0]);
    expect(known).toEqual([0, 1, 1]); // a is forgotten, although the last call was for a.
  });

  it('is empty for an unknown user', () => {
    const stream = new SampleStream(OPTIONS);
    for (const event of EVENTS.slice(0, 70)) stream.push(event);
    const none = (length: number, skip: number, events: 'positive' | 'all') => ({
      length,
      skip,
      events,
      items: new Int32Array(length).fill(-1),
      labels: new Uint8Array(length),
      lengths: Int32Array.of(0),
    });
    expect(stream.histories('a stranger')).toEqual({
      liked: none(2, 0, 'positive'),
      long: none(6, 2, 'positive'),
      recent: none(5, 0, 'all'),
      earlier: none(4, 3, 'all'),
    });
    expect(stream.userIds).not.toContain('a stranger');
  });
});
