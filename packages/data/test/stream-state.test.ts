import { SampleStream, type SampleStreamOptions, type StreamEvent, type StreamState } from '@sifaka/data';
import { describe, expect, it } from 'vitest';

const OPTIONS: SampleStreamOptions = {
  batchSize: 3,
  histories: { liked: { length: 3 }, recent: { length: 4, events: 'all' } },
};
const event = (k: number, more: Partial<StreamEvent> = {}): StreamEvent => {
  return { user: `u${k % 2}`, item: `i${k % 5}`, rating: k % 3 === 0 ? 5 : 1, timestamp: 1e9 + k, query: 'q', ...more };
};

type Json = { [key: string]: Json } & Json[] & (string | number | null);

/** A saved state as JSON, after `spoil`. */
function saved(spoil: (state: Json) => void): StreamState {
  const stream = new SampleStream(OPTIONS);
  for (let k = 0; k < 11; k++) stream.push(event(k));
  stream.push(event(1));
  const state = JSON.parse(JSON.stringify(stream.state())) as Json;
  spoil(state);
  return state as unknown as StreamState;
}

describe('a saved state', () => {
  it('is accepted as it was saved', () => {
    const state = saved(() => {});
    expect(state).toMatchObject({ emittedUntil: 1e9 + 8, counts: { events: 12, samples: 9, late: 1 } });
    expect(state.pending).toHaveLength(2);
    expect(new SampleStream(OPTIONS, state).state()).toEqual(state);
  });

  it('begins a session for a user who had late events only', () => {
    const options = { ...OPTIONS, batchSize: 1, sessionGapSeconds: 1e10 };
    const stream = new SampleStream(options);
    stream.push(event(10, { user: 'a' }));
    stream.push(event(5, { user: 'b' }));
    const restored = new SampleStream(options, JSON.parse(JSON.stringify(stream.state())) as StreamState);
    expect([...restored.push(event(11, { user: 'b' }))!.sessions]).toEqual([1]);
  });

  it('continues with row 0 after row 2³¹ − 1', () => {
    const samples = 2 ** 31 - 1;
    const state = saved((s) => {
      Object.assign(s['counts']!, { samples, events: samples + 2 + 1 });
    });
    const batch = new SampleStream(OPTIONS, state).push(event(11));
    expect([...batch!.rows]).toEqual([samples, 0, 1]);
  });

  const text = (value: Json) => `${value}` as unknown as Json;
  const set = <Value>(value: Value) => value as unknown as Json;
  it.each<[string, (state: Json) => void]>([
    ['userIds of the state to be an array, got undefined', (s) => delete s['userIds']],
    [
      'histories of the state to be an object, got an array of 0',
      (s) => {
        s['histories'] = set([]);
      },
    ],
    [
      'counts of the state to be an object, got null',
      (s) => {
        s['counts'] = set(null);
      },
    ],
    [
      'emittedUntil of the state to be a finite number, got "1000000008"',
      (s) => {
        s['emittedUntil'] = text(s['emittedUntil']!);
      },
    ],
    [
      'pending[0].timestamp of the state to be a finite number, got "1000000009"',
      (s) => {
        s['pending']![0]!['timestamp'] = set('1000000009');
      },
    ],
    [
      'pending[0].timestamp of the state to be at least 1000000008, got 1000000007',
      (s) => {
        s['pending']![0]!['timestamp'] = set(1000000007);
      },
    ],
    [
      'pending[1].timestamp of the state to be at least 1000000009, got 1000000008',
      (s) => {
        s['pending']![1]!['timestamp'] = set(1000000008);
      },
    ],
    [
      'pending[0].user of the state to be below 2, got 2',
      (s) => {
        s['pending']![0]!['user'] = set(2);
      },
    ],
    [
      'pending[0].item of the state to be a whole number from 0, got -1',
      (s) => {
        s['pending']![0]!['item'] = set(-1);
      },
    ],
    [
      'pending[0].query of the state to be below 1, got 1',
      (s) => {
        s['pending']![0]!['query'] = set(1);
      },
    ],
    [
      'pending[0].label of the state to be 0 or 1, got "1"',
      (s) => {
        s['pending']![0]!['label'] = set('1');
      },
    ],
    [
      'pending[0] of the state to be an object, got 3',
      (s) => {
        s['pending']![0] = set(3);
      },
    ],
    [
      'counts.late of the state to be a whole number from 0, got 1.5',
      (s) => {
        s['counts']!['late'] = set(1.5);
      },
    ],
    [
      'counts.events of the state to be 12, the sum of samples, pending, late and refused, got 13',
      (s) => {
        s['counts']!['events'] = set(13);
      },
    ],
    [
      'capacities.all of the state to be a whole number from 0, got null',
      (s) => {
        s['capacities']!['all'] = set(null);
      },
    ],
    [
      'histories.sessions of the state to be a whole number from 0, got "2"',
      (s) => {
        s['histories']!['sessions'] = set('2');
      },
    ],
    [
      'histories.users[0].user of the state to be below 2, got 7',
      (s) => {
        s['histories']!['users']![0]!['user'] = set(7);
      },
    ],
    [
      'histories.users[1].user of the state to be distinct users, got 0',
      (s) => {
        for (const user of s['histories']!['users']!) user['user'] = set(0);
      },
    ],
    [
      'histories.users[0].lastTime of the state to be a finite number, got "x"',
      (s) => {
        s['histories']!['users']![0]!['lastTime'] = set('x');
      },
    ],
    [
      'histories.users[0].session of the state to be below 2, got 2',
      (s) => {
        s['histories']!['users']![0]!['session'] = set(2);
      },
    ],
    [
      'histories.users[0].all.items[0] of the state to be below 5, got 5',
      (s) => {
        s['histories']!['users']![0]!['all']!['items']![0] = set(5);
      },
    ],
    [
      'histories.users[0].all.labels[0] of the state to be 0 or 1, got 2',
      (s) => {
        s['histories']!['users']![0]!['all']!['labels']![0] = set(2);
      },
    ],
    [
      'histories.users[0].positive.labels of the state to be 2 values, got 1',
      (s) => {
        s['histories']!['users']![0]!['positive']!['labels']!.pop();
      },
    ],
    [
      'histories.users[0].all.timestamps[1] of the state to be at least',
      (s) => {
        s['histories']!['users']![0]!['all']!['timestamps']!.reverse();
      },
    ],
    [
      'got "u0" twice',
      (s) => {
        s['userIds']![1] = set('u0');
      },
    ],
    [
      'itemIds: expected an id as text, got 7',
      (s) => {
        s['itemIds']![1] = set(7);
      },
    ],
  ])('is refused if it is damaged: %s', (message, spoil) => {
    expect(() => new SampleStream(OPTIONS, saved(spoil))).toThrow(message);
  });
});

describe('options of a stream', () => {
  it.each<[string, object]>([
    ['expected batchSize to be a whole number from 1, got NaN', { batchSize: Number.NaN }],
    ['expected maxUsers to be a whole number from 1, got "5"', { maxUsers: '5' }],
    ['expected maxUserIds to be a whole number from 0, got NaN', { maxUserIds: Number.NaN }],
    ['expected maxItemIds to be a whole number from 0, got -1', { maxItemIds: -1 }],
    ['expected maxQueries to be a whole number from 0, got 1.5', { maxQueries: 1.5 }],
    ['expected sessionGapSeconds from 0, got NaN', { sessionGapSeconds: Number.NaN }],
    ['expected sessionGapSeconds from 0, got "1800"', { sessionGapSeconds: '1800' }],
    ['expected sessionGapSeconds from 0, got Infinity', { sessionGapSeconds: Number.POSITIVE_INFINITY }],
    ['expected late to be history or drop, got "keep"', { late: 'keep' }],
  ])('are refused out of their range: %s', (message, wrong) => {
    expect(() => new SampleStream({ ...OPTIONS, ...wrong })).toThrow(`SampleStream: ${message}`);
  });
});
