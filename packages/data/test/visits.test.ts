import {
  assertNoLeakage,
  buildSamples,
  gatherBatch,
  InteractionBuilder,
  type Interactions,
  LeakageError,
  type NamedHistories,
  parseInteractions,
  recentTexts,
  type Samples,
  splitByTime,
  splitByUserTime,
  splitLeaveLastOut,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

const histories = {
  liked: { length: 4 },
  long: { length: 9, skip: 4 },
  recent: { length: 6, events: 'all' },
} as const satisfies NamedHistories;

const EVENTS = madeUpEvents(600);
const INTERACTIONS = interactionsOf(EVENTS);
const samples = buildSamples(INTERACTIONS, { historyAsOf: 'visit' });

/** Every event with the time at which its user's visit began, in the order of the samples: by the definition. */
function visitsByDefinition({ users, items, ratings, timestamps, length }: Interactions, gap = 1800) {
  const events = Array.from({ length }, (_, i) => ({
    user: users[i]!,
    item: items[i]!,
    liked: ratings[i]! >= 4 ? 1 : 0,
    time: timestamps[i]!,
  }));
  const startOf = ({ user, time }: (typeof events)[number]) => {
    const earlier = events.filter((other) => other.user === user && other.time <= time).map((other) => other.time);
    let start = time;
    for (const before of earlier.sort((a, b) => b - a)) if (start - before <= gap) start = before;
    return start;
  };
  return events
    .map((event) => ({ ...event, start: startOf(event) }))
    .sort((a, b) => a.start - b.start || a.user - b.user || a.time - b.time || a.item - b.item);
}

const at = (timestamp: number, user = '1', item = `${timestamp}`, rating = 5) => ({ user, item, rating, timestamp });
const visits = (events: readonly ReturnType<typeof at>[]) =>
  buildSamples(interactionsOf(events), { historyAsOf: 'visit' });
const columns = ({ length, users, items, labels, timestamps, sessions }: Samples) => ({
  ...{ length, users, items, labels, timestamps, sessions },
});

describe("buildSamples with historyAsOf 'visit'", () => {
  const expected = visitsByDefinition(INTERACTIONS);

  it('gives every sample the time at which its visit began, in the order (start, user, time, item)', () => {
    expect([...samples.timestamps]).toEqual(expected.map(({ start }) => start));
    expect([...samples.users]).toEqual(expected.map(({ user }) => user));
    expect([...samples.items]).toEqual(expected.map(({ item }) => item));
    expect([...samples.labels]).toEqual(expected.map(({ liked }) => liked));
    expect(samples.historyAsOf).toBe('visit');
    expect(expected.filter(({ start, time }) => start < time).length).toBeGreaterThan(200);
  });

  it.each(['positive', 'all'] as const)('ends histories where the visit begins, in the order of time: %s', (events) => {
    const target = new Int32Array(8);
    for (const [sample, { user, start }] of expected.entries()) {
      const before = expected
        .filter((other) => other.user === user && other.start < start && (events === 'all' || other.liked === 1))
        .sort((a, b) => b.time - a.time || b.item - a.item);
      const count = samples.history(sample, target, 0, 8, { events });
      expect([...target.subarray(0, count)]).toEqual(before.slice(0, 8).map(({ item }) => item));
    }
  });

  it('finds the sessions of the events, one for each start of a user', () => {
    const byEvent = buildSamples(INTERACTIONS);
    const sorted = (of: Samples) => [...of.sessions].sort((a, b) => a - b);
    expect(sorted(samples)).toEqual(sorted(byEvent));
    const starts = new Map<number, string>();
    samples.sessions.forEach((session, sample) => {
      const visit = `${samples.users[sample]} ${samples.timestamps[sample]}`;
      expect(starts.get(session) ?? visit).toBe(visit);
      starts.set(session, visit);
    });
    expect(new Set(starts.values()).size).toBe(starts.size);
  });

  it("is 'event' if every timestamp is a visit of its own", () => {
    const byVisit = buildSamples(INTERACTIONS, { historyAsOf: 'visit', sessionGapSeconds: 0 });
    const byEvent = buildSamples(INTERACTIONS, { historyAsOf: 'event', sessionGapSeconds: 0 });
    expect(columns(byVisit)).toEqual(columns(byEvent));
    const rows = Int32Array.from({ length: samples.length }, (_, i) => i);
    expect(gatherBatch(byVisit, rows, histories)).toEqual(gatherBatch(byEvent, rows, histories));
    expect(buildSamples(INTERACTIONS).historyAsOf).toBe('event');
  });

  it('shows all candidates of a visit the same histories, and one recent text', () => {
    const rows = Int32Array.from({ length: samples.length }, (_, i) => i);
    const { liked } = gatherBatch(samples, rows, histories).histories;
    const text = recentTexts(
      samples,
      samples.itemIds.map((id) => `film ${id}`),
    );
    for (let row = 1; row < samples.length; row++) {
      if (samples.sessions[row] !== samples.sessions[row - 1]) continue;
      expect(liked!.items.subarray(4 * row, 4 * row + 4)).toEqual(liked!.items.subarray(4 * row - 4, 4 * row));
      expect(text(row)).toBe(text(row - 1));
    }
  });
});

describe('splits by visits', () => {
  describe.each([
    ['splitByTime', (of: Samples) => splitByTime(of)],
    ['splitByUserTime', (of: Samples) => splitByUserTime(of)],
    ['splitLeaveLastOut', (of: Samples) => splitLeaveLastOut(of)],
  ])('%s', (_, split) => {
    it('keeps visits whole and passes assertNoLeakage', () => {
      const parts = split(samples);
      assertNoLeakage(samples, parts, { histories });
      const inParts = [parts.train, parts.validation, parts.test].map(
        (part) => new Set(Array.from(part, (sample) => samples.sessions[sample]!)),
      );
      const all = inParts.flatMap((sessions) => [...sessions]);
      expect(new Set(all).size).toBe(all.length);
      expect(inParts.every(({ size }) => size > 0)).toBe(true);
    });
  });

  const DAY = 86_400;
  const times = (of: Samples, part: Int32Array) => Array.from(part, (sample) => of.timestamps[sample]! / DAY);

  it('moves a boundary within a visit to where the next one begins', () => {
    // Visits of 8, 3 and 1 events. Of 12 events the last 3 are for test, the 3 before them for validation.
    const days = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3];
    const of = visits(days.map((day, i) => at(day * DAY + i, '1', `${i}`)));
    const { train, validation, test } = splitByUserTime(of, { test: 0.25, validation: 0.25 });
    expect([train.length, validation.length, test.length]).toEqual([8, 3, 1]);
    expect(splitByTime(of, { train: 0.5, validation: 0.25 }).train.length).toBe(8);
  });

  it('leaves the last visit out, whatever its length', () => {
    const days = [1, 2, 2, 3, 3, 3];
    const of = visits([...days.map((day, i) => at(day * DAY + i, '1', `${i}`)), at(DAY, '2'), at(DAY + 1, '2')]);
    const { train, validation, test } = splitLeaveLastOut(of);
    const start = (index: number, day: number) => day + index / DAY;
    expect(times(of, test)).toEqual([start(3, 3), start(3, 3), start(3, 3)]);
    expect(times(of, validation)).toEqual([start(1, 2), start(1, 2)]);
    expect(train.length).toBe(3); // the first visit, and all of a user with one visit
  });
});

describe('assertNoLeakage by visits', () => {
  const split = splitByTime(samples);
  const middle = Array.from(split.train).find(
    (sample) => sample > 0 && samples.sessions[sample] === samples.sessions[sample - 1],
  )!;

  it('refuses a visit in two parts', () => {
    const cut = splitByUserTime(samples, { test: 0.01, validation: 0.01 });
    const moved = Int32Array.from(cut.train).filter((sample) => sample !== middle);
    const parts = { ...cut, train: moved, validation: Int32Array.of(middle) };
    const visit = samples.sessions[middle];
    expect(() => assertNoLeakage(samples, parts)).toThrow(
      `expected visit ${visit} in one part, got train and validation`,
    );
    expect(() => assertNoLeakage(samples, parts)).toThrow(LeakageError);
  });

  it('refuses a visit with two timestamps or users', () => {
    const timestamps = samples.timestamps.with(middle, samples.timestamps[middle]! + 1);
    expect(() => assertNoLeakage({ ...samples, timestamps }, split)).toThrow(/expected one timestamp in visit/);
    const users = samples.users.with(middle, samples.users[middle]! + 1);
    expect(() => assertNoLeakage({ ...samples, users }, split)).toThrow(/expected one user in visit/);
  });

  it('refuses histories that reach up to the event', () => {
    const own = buildSamples(INTERACTIONS, { historyAsOf: 'visit', sessionGapSeconds: 0 });
    const leaking: Samples = { ...samples, history: own.history };
    expect(() => assertNoLeakage(leaking, split)).toThrow(LeakageError);
  });
});

describe('data on which visits mean little', () => {
  const empty = (of: Samples) =>
    gatherBatch(
      of,
      Int32Array.from({ length: of.length }, (_, i) => i),
      histories,
    ).histories['recent']!.lengths.every((length) => length === 0);
  const noHistory = /every user has one visit, so all histories are empty/;

  it('no times: an error that names the option and the way out', () => {
    const timeless: Interactions = { ...INTERACTIONS, timestamps: INTERACTIONS.timestamps.map(() => Number.NaN) };
    expect(() => buildSamples(timeless, { historyAsOf: 'visit' })).toThrow(
      "buildSamples: expected a time of every event for historyAsOf 'visit', got NaN of event 0. Without times there " +
        "are no visits: use historyAsOf 'event'",
    );
    expect(buildSamples(timeless).length).toBe(timeless.length);
    expect(() => parseInteractions('userId,itemId,rating\n1,2,5\n')).toThrow(/timestamp/);
  });

  it('a table without times: the order of rows is that of time, and every event is a visit of its own', () => {
    const csv = 'userId,itemId,rating\nu,c,5\nv,a,4\nu,a,2\nu,c,5\n';
    const { interactions, counts } = parseInteractions(csv, { columns: { timestamp: null } });
    expect(interactions.untimed).toBe(true);
    expect([...interactions.timestamps]).toEqual([1, 2, 3, 4]);
    expect([...interactions.ratings]).toEqual([5, 4, 2, 5]);
    expect(counts).toEqual({ rows: 4, duplicates: 0, unknownItems: 0 });
    const samples = buildSamples(interactions);
    expect([...samples.sessions]).toEqual([0, 1, 2, 3]);
    const history = new Int32Array(3);
    expect(samples.history(3, history, 0, 3, { events: 'all' })).toBe(2);
    expect([...history].map((item) => samples.itemIds[item])).toEqual(['a', 'c', undefined]);
    expect(() => buildSamples(interactions, { historyAsOf: 'visit' })).toThrow(
      "expected a time of every event for historyAsOf 'visit', got a table without times",
    );
    const clicks = parseInteractions(csv, { columns: { timestamp: null, rating: null } });
    expect([...clicks.interactions.ratings]).toEqual([1, 1, 1, 1]);
  });

  it('one event per user', () => {
    const of = visits(Array.from({ length: 20 }, (_, i) => at(1e9 + 7000 * i, `u${i}`, `${i % 3}`, 1 + (i % 5))));
    const split = splitByTime(of);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([16, 2, 2]);
    expect(split.warnings).toContainEqual(expect.stringMatching(noHistory));
    assertNoLeakage(of, split);
    expect(empty(of)).toBe(true);
  });

  it.each([
    ['one visit in all', (i: number) => at(1e9 + 60 * i, '1', `${i}`)],
    ['all events in one second', (i: number) => at(1e9, `${i % 4}`, `${i}`)],
  ])('%s: everything is in train, and the split says so', (_, event) => {
    const of = visits(Array.from({ length: 20 }, (__, i) => event(i)));
    const split = splitByTime(of);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([20, 0, 0]);
    expect(split.warnings).toContain('the test part is empty');
    expect(split.warnings).toContain(
      'all 20 events are of visits that began at one time, and a split by time keeps them together',
    );
    expect(split.warnings).toContainEqual(expect.stringMatching(noHistory));
    assertNoLeakage(of, split);
    expect(empty(of)).toBe(true);
    expect(splitByUserTime(of).train.length).toBe(20);
    expect(splitLeaveLastOut(of).train.length).toBe(20);
  });

  it('no events', () => {
    const none = buildSamples(new InteractionBuilder().build().interactions, { historyAsOf: 'visit' });
    expect(none.length).toBe(0);
    assertNoLeakage(none, splitByTime(none));
  });

  it('refuses another value', () => {
    const historyAsOf = 'session' as unknown as 'visit';
    expect(() => buildSamples(INTERACTIONS, { historyAsOf })).toThrow(
      'buildSamples: expected historyAsOf to be visit or event, got "session"',
    );
  });
});
