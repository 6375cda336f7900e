import { assertSameIds, buildSamples } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const events = madeUpEvents(600);
const interactions = interactionsOf(events);
const samples = buildSamples(interactions);

describe('buildSamples', () => {
  it('labels by rating', () => {
    expect([...samples.labels]).toEqual(Array.from(interactions.ratings, (rating) => (rating >= 4 ? 1 : 0)));
    const any = buildSamples(interactions, { positive: () => true });
    expect(any.labels.every((label) => label === 1)).toBe(true);
  });

  it('compares ratings with the threshold in full precision', () => {
    const ratings = [3.8, 3.7, 3.9, 3.99999999];
    const given = interactionsOf(ratings.map((rating, i) => ({ user: 'u', item: `${i}`, rating, timestamp: i })));
    expect([...given.ratings]).toEqual(ratings);
    expect([...buildSamples(given, { positive: (rating) => rating >= 3.8 }).labels]).toEqual([1, 0, 1, 1]);
    expect([...buildSamples(given).labels]).toEqual([0, 0, 0, 0]);
  });

  it('sorts interactions given in another order', () => {
    const reversed = {
      ...interactions,
      users: interactions.users.slice().reverse(),
      items: interactions.items.slice().reverse(),
      ratings: interactions.ratings.slice().reverse(),
      timestamps: interactions.timestamps.slice().reverse(),
    };
    const { history: _, ...rest } = buildSamples(reversed);
    const { history: __, ...expected } = samples;
    expect(rest).toEqual(expected);
  });

  it('ends a session after a pause longer than the gap, per user', () => {
    const at = (user: string, timestamp: number) => ({ user, item: `${timestamp}`, rating: 5, timestamp });
    const times = [at('a', 0), at('b', 10), at('a', 1800), at('b', 1811), at('a', 3601), at('b', 1811)];
    const { sessions, users, timestamps } = buildSamples(interactionsOf(times));
    const found = Array.from(sessions, (session, i) => `${'ab'[users[i]!]}${timestamps[i]}:${session}`);
    expect(found).toEqual(['a0:0', 'b10:1', 'a1800:0', 'b1811:2', 'a3601:3']);
  });

  it('refuses a gap that is no number from 0', () => {
    for (const sessionGapSeconds of [-1, Number.NaN, '1800' as unknown as number]) {
      expect(() => buildSamples(interactions, { sessionGapSeconds })).toThrow(
        'buildSamples: expected sessionGapSeconds',
      );
    }
  });

  it('never shares a session between users', () => {
    const owner = new Map<number, number>();
    samples.sessions.forEach((session, i) => {
      expect(owner.get(session) ?? samples.users[i]).toBe(samples.users[i]);
      owner.set(session, samples.users[i]!);
    });
    expect(owner.size).toBe(Math.max(...samples.sessions) + 1);
  });
});

describe('assertSameIds', () => {
  const catalogue = ['z', 'b', 'y'];
  const of = (itemIds?: readonly string[]) =>
    buildSamples(interactionsOf([{ user: 'u', item: 'b', rating: 5, timestamp: 0 }], itemIds));

  it('accepts samples that are numbered by the catalogue', () => {
    const { itemIds, userIds } = of(catalogue);
    assertSameIds('test', 'itemIds', catalogue, itemIds);
    assertSameIds('test', 'userIds', ['u'], userIds);
  });

  it('refuses samples that are numbered without it, by the first id', () => {
    const check = (expected: readonly string[], got: readonly string[]) => () =>
      assertSameIds('train', 'itemIds', expected, got);
    expect(check(catalogue, of().itemIds)).toThrow('train: expected "z" at 0 of itemIds, got "b"');
    expect(check(catalogue, ['z', 'y', 'b'])).toThrow('train: expected "b" at 1 of itemIds, got "y"');
    expect(check(catalogue, ['z', 'b'])).toThrow('train: expected 3 itemIds, got 2: the list lacks "y"');
    expect(check(catalogue, [...catalogue, 'new'])).toThrow(
      'train: expected 3 itemIds, got 4: the list also has "new"',
    );
  });
});

describe('Samples.history', () => {
  it('holds the user’s liked items of strictly earlier timestamps, most recent first', () => {
    const target = new Int32Array(samples.length);
    for (let sample = 0; sample < samples.length; sample++) {
      const expected: number[] = [];
      for (let other = samples.length - 1; other >= 0; other--) {
        const earlier = samples.timestamps[other]! < samples.timestamps[sample]!;
        if (earlier && samples.users[other] === samples.users[sample] && samples.labels[other] === 1) {
          expected.push(samples.items[other]!);
        }
      }
      const count = samples.history(sample, target, 0, target.length);
      expect([...target.subarray(0, count)]).toEqual(expected);
      expect(target.subarray(count).every((item) => item === -1)).toBe(true);
    }
  });

  it('leaves out events of the same timestamp, the sample itself included', () => {
    const burst = ['x', 'y', 'z'].map((item) => ({ user: '1', item, rating: 5, timestamp: 7 }));
    const { history, length } = buildSamples(interactionsOf([...burst, { ...burst[0]!, timestamp: 8 }]));
    const target = new Int32Array(3);
    for (let sample = 0; sample < 3; sample++) expect(history(sample, target, 0, 3)).toBe(0);
    expect(history(length - 1, target, 0, 3)).toBe(3);
    expect([...target]).toEqual([2, 1, 0]);
  });

  it('writes only its own positions of the target', () => {
    const last = samples.length - 1;
    const all = new Int32Array(50);
    const count = samples.history(last, all, 0, 50);
    expect(count).toBeGreaterThan(3);
    const target = new Int32Array(6).fill(99);
    expect(samples.history(last, target, 1, 3)).toBe(3);
    expect([...target]).toEqual([99, ...all.subarray(0, 3), 99, 99]);
    expect(samples.history(last, target, 2, 0)).toBe(0);
  });

  it('refuses a sample that does not exist', () => {
    expect(() => samples.history(samples.length, new Int32Array(1), 0, 1)).toThrow(
      `expected a sample in [0, ${samples.length})`,
    );
    expect(() => samples.history(-1, new Int32Array(1), 0, 1)).toThrow(RangeError);
  });
});
