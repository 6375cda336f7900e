import { getEventListeners } from 'node:events';
import { type Batch, SampleStream, type StreamEvent } from '@sifaka/data';
import { describe, expect, it } from 'vitest';

const at = (seconds: number): StreamEvent => ({ user: 'u', item: `${seconds}`, label: 1, timestamp: 1e9 + seconds });
const three = { batchSize: 3, histories: { liked: { length: 2 } } };
const timesOf = ({ timestamps }: Batch) => Array.from(timestamps, (time) => time - 1e9);

/** An endless source that yields an event when the test sends one. `closed` becomes true when the reader ends. */
function liveEvents() {
  const waiting: ((result: IteratorResult<StreamEvent>) => void)[] = [];
  const queue: StreamEvent[] = [];
  const live = {
    requests: 0,
    closed: false,
    send(event: StreamEvent) {
      const receive = waiting.shift();
      if (receive === undefined) queue.push(event);
      else receive({ value: event, done: false });
    },
    [Symbol.asyncIterator]: (): AsyncIterator<StreamEvent> => ({
      next() {
        live.requests++;
        const value = queue.shift();
        if (value !== undefined) return Promise.resolve({ value, done: false });
        return new Promise((resolve) => waiting.push(resolve));
      },
      return() {
        live.closed = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
  return live;
}

describe('SampleStream.batches', () => {
  it('yields full batches and, when the events end, the rest', async () => {
    const stream = new SampleStream(three);
    const found: number[][] = [];
    for await (const batch of stream.batches([0, 1, 2, 3, 4, 5, 6].map(at))) found.push(timesOf(batch));
    expect(found).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(stream.counts).toMatchObject({ events: 7, samples: 7, batches: 3 });
  });

  it('requests the next event only when a batch is requested', async () => {
    const live = liveEvents();
    for (let k = 0; k < 9; k++) live.send(at(k));
    const batches = new SampleStream(three).batches(live);
    expect(timesOf((await batches.next()).value as Batch)).toEqual([0, 1, 2]);
    expect(live.requests).toBe(3);
    await batches.return();
    expect(live.closed).toBe(true);
  });

  it('does not let events wait longer than maxWaitMs', async () => {
    const live = liveEvents();
    const batches = new SampleStream(three).batches(live, { maxWaitMs: 5 });
    live.send(at(0));
    live.send(at(1));
    expect(timesOf((await batches.next()).value as Batch)).toEqual([0, 1]);
    const next = batches.next(); // No event waits, so this call waits for one without a limit.
    live.send(at(2));
    expect(timesOf((await next).value as Batch)).toEqual([2]);
  });

  it('leaves no timer and no listener behind', async () => {
    const stop = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const events = [0, 1, 2, 3, 4, 5, 6].map(at);
    for await (const _ of new SampleStream(three).batches(events, { maxWaitMs: 60_000, signal: stop.signal })) {
      expect([timers() - before, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0]);
    }
    expect([timers() - before, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('ends at the signal although no event arrives, and keeps waiting events for a later reader', async () => {
    const live = liveEvents();
    const stream = new SampleStream(three);
    const stop = new AbortController();
    const batches = stream.batches(live, { signal: stop.signal });
    live.send(at(0));
    const next = batches.next();
    while (stream.counts.events === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await next).toEqual({ value: undefined, done: true });
    const resumed = new SampleStream(three, stream.state());
    const found: number[][] = [];
    for await (const batch of resumed.batches([at(1), at(2)])) found.push(timesOf(batch));
    expect(found).toEqual([[0, 1, 2]]);
  });

  it('passes on errors of the events and of push', async () => {
    async function* broken(): AsyncGenerator<StreamEvent> {
      yield at(0);
      throw new Error('the broker is gone');
    }
    const stream = new SampleStream(three);
    await expect(stream.batches(broken()).next()).rejects.toThrow('the broker is gone');
    expect(timesOf(stream.flush()!)).toEqual([0]);
    await expect(stream.batches([{ ...at(1), user: '' }]).next()).rejects.toThrow('event 1: expected an id as user');
    await expect(stream.batches([], { maxWaitMs: Number.NaN }).next()).rejects.toThrow('maxWaitMs from 0, got NaN');
  });
});
