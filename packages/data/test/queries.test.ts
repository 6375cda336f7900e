import {
  assertNoQueryLeakage,
  buildSamples,
  gatherBatch,
  joinQueries,
  LeakageError,
  normalizeQuery,
  type QueryLog,
  recentTexts,
} from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { interactionsOf, madeUpEvents } from './made-up-events.js';

type Entry = readonly [user: number, item: number, text: string, timestamp: number];

const logOf = (entries: readonly Entry[]): QueryLog => ({
  length: entries.length,
  users: Int32Array.from(entries, ([user]) => user),
  items: Int32Array.from(entries, ([, item]) => item),
  texts: entries.map(([, , text]) => text),
  timestamps: Float64Array.from(entries, ([, , , timestamp]) => timestamp),
});
const at = (user: string, timestamp: number, item = 'a', rating = 5) => ({ user, item, rating, timestamp });
const textsOf = ({ queries, queryIds }: { queries: readonly string[]; queryIds: Int32Array }) =>
  Array.from(queryIds, (id) => (id === -1 ? null : queries[id]));

// User 0 at 100, 200, 300 and 100,000; user 1 at 200.
const few = buildSamples(interactionsOf([at('0', 100), at('0', 200), at('1', 200), at('0', 300), at('0', 100_000)]));

describe('joinQueries', () => {
  it('sets the queries of batches; without it no sample has one', () => {
    expect(textsOf(few)).toEqual([null, null, null, null, null]);
    const { samples } = joinQueries(few, logOf([[0, 0, 'funny', 150]]));
    expect([...gatherBatch(samples, Int32Array.of(0, 1, 2)).queries]).toEqual([-1, 0, -1]);
  });

  it('takes the user’s most recent query of a strictly earlier timestamp, within the time limit', () => {
    const log = logOf([
      [0, 1, 'old', 150],
      [0, 2, 'new', 200],
      [0, 0, 'same time', 300],
    ]);
    const { samples, counts } = joinQueries(few, log);
    expect(textsOf(samples)).toEqual([null, 'old', null, 'new', null]);
    expect(counts).toEqual({ fromLog: 2, later: 0, fromFallback: 0, without: 3 });
    expect(textsOf(joinQueries(few, log, { withinSeconds: 99 }).samples)).toEqual([null, 'old', null, null, null]);
    expect(textsOf(joinQueries(few, log, { withinSeconds: 100 }).samples)).toEqual([null, 'old', null, 'new', null]);
    expect(textsOf(joinQueries(few, log, { withinSeconds: 1e9 }).samples).at(-1)).toBe('same time');
  });

  it('gives users who share a text one id by text, and an id of each by entry', () => {
    const fallback = () => 'same';
    const idsOf = (identity: 'text' | 'entry') => [
      ...joinQueries(few, logOf([]), { identity, fallback }).samples.queryIds,
    ];
    expect([...few.users]).toEqual([0, 0, 1, 0, 0]);
    expect(idsOf('text')).toEqual([0, 0, 0, 0, 0]);
    expect(idsOf('entry')).toEqual([0, 0, 1, 0, 0]);
  });

  it('takes and counts a query typed after the event only with allowLater', () => {
    const log = logOf([[0, 0, 'after', 101]]);
    expect(textsOf(joinQueries(few, log).samples)[0]).toBe(null);
    const { samples, counts } = joinQueries(few, log, { allowLater: true });
    expect(textsOf(samples)).toEqual(['after', 'after', null, 'after', null]);
    expect(counts).toMatchObject({ fromLog: 3, later: 1 });
    expect(() => assertNoQueryLeakage(samples, log)).toThrow(LeakageError);
    expect(() => assertNoQueryLeakage(samples, log)).toThrow(
      'expected a query that user 0 typed before 100, got "after" for sample 0',
    );
  });

  it('can require that the query was typed on the sample’s item', () => {
    const two = buildSamples(interactionsOf([at('0', 100, 'a'), at('0', 200, 'b'), at('0', 300, 'a')]));
    const log = logOf([
      [0, 0, 'about a', 150],
      [0, -1, 'about nothing', 160],
    ]);
    expect(textsOf(joinQueries(two, log).samples)).toEqual([null, 'about nothing', 'about nothing']);
    expect(textsOf(joinQueries(two, log, { match: 'item' }).samples)).toEqual([null, null, 'about a']);
  });

  it('an id identifies a text, or an entry of the log', () => {
    const log = logOf([
      [0, 0, ' Funny ', 150],
      [1, 0, 'funny', 150],
      [0, 0, 'FUNNY', 250],
    ]);
    const byText = joinQueries(few, log).samples;
    expect([[...byText.queryIds], byText.queries]).toEqual([[-1, 0, 0, 0, -1], ['funny']]);
    const byEntry = joinQueries(few, log, { identity: 'entry' }).samples;
    expect([[...byEntry.queryIds], byEntry.queries]).toEqual([
      [-1, 0, 1, 2, -1],
      ['funny', 'funny', 'funny'],
    ]);
  });

  it('does not depend on the order of the log, and ignores empty texts', () => {
    const log: Entry[] = [
      [0, 3, 'b', 150],
      [0, 3, 'a', 150],
      [0, 2, 'z', 150],
      [0, 9, '  ', 160],
    ];
    for (const entries of [log, log.toReversed()]) {
      expect(textsOf(joinQueries(few, logOf(entries)).samples)[1]).toBe('b');
    }
  });

  it('uses the fallback if the log has no query', () => {
    const { samples, counts } = joinQueries(few, logOf([[0, 0, 'typed', 150]]), {
      fallback: (sample) => (sample === 0 ? undefined : `For ${few.users[sample]}`),
    });
    expect(textsOf(samples)).toEqual([null, 'typed', 'for 1', 'typed', 'for 0']);
    expect(counts).toEqual({ fromLog: 2, later: 0, fromFallback: 2, without: 1 });
  });

  it('refuses a log of unequal columns and a negative time', () => {
    expect(() => joinQueries(few, { ...logOf([]), texts: ['x'] })).toThrow(
      'expected 0 values in texts of the log, got 1',
    );
    expect(() => joinQueries(few, logOf([]), { withinSeconds: -1 })).toThrow('expected withinSeconds from 0, got -1');
    const match = 'users' as 'user';
    expect(() => joinQueries(few, logOf([]), { match })).toThrow('joinQueries: expected match user or item');
    const identity = 'row' as 'text';
    expect(() => joinQueries(few, logOf([]), { identity })).toThrow('got "user" and "row"');
  });
});

describe('recentTexts', () => {
  const events = [at('0', 1, 'a'), at('0', 2, 'b', 1), at('0', 3, 'c'), at('0', 4, 'd'), at('0', 4, 'e')];
  const samples = buildSamples(interactionsOf(events));

  it('joins the texts of the items liked last, most recent first', () => {
    const texts = ['Alien', 'Babe', undefined, 'Dune', 'E.T.'];
    const of = (count: number) => Array.from(samples.users, (_, s) => recentTexts(samples, texts, { count })(s));
    expect(of(2)).toEqual([undefined, 'Alien', 'Alien', 'Alien', 'Alien']);
    expect(of(1)).toEqual([undefined, 'Alien', 'Alien', undefined, undefined]);
    const all = ['Alien', 'Babe', 'Cube', 'Dune', 'E.T.'];
    expect(recentTexts(samples, all, { count: 2, separator: ', ' })(4)).toBe('Cube, Alien');
  });

  it('can use the start of the session: one text for the whole session', () => {
    const two = buildSamples(
      interactionsOf([at('0', 1, 'a'), at('0', 2, 'b'), at('0', 5000, 'c'), at('0', 5001, 'd'), at('1', 5001, 'd')]),
    );
    const titles = ['Alien', 'Babe', 'Cube', 'Dune'];
    const texts = (when: 'event' | 'session') =>
      Array.from(two.users, (_, sample) => recentTexts(two, titles, { at: when })(sample));
    expect(texts('event')).toEqual([undefined, 'Alien', 'Babe', 'Cube', undefined]);
    expect(texts('session')).toEqual([undefined, undefined, 'Babe', 'Babe', undefined]);
  });

  it('refuses fewer texts than items', () => {
    expect(() => recentTexts(samples, ['Alien'])).toThrow('recentTexts: expected 5 texts, one per item, got 1');
    const texts = new Array<string>(5).fill('x');
    expect(() => recentTexts(samples, texts, { count: 1.5 })).toThrow('expected count to be a whole number from 0');
    const at = 'day' as 'event';
    expect(() => recentTexts(samples, texts, { at })).toThrow('expected at to be event or session, got "day"');
  });
});

describe('assertNoQueryLeakage', () => {
  const samples = buildSamples(interactionsOf(madeUpEvents(600)));
  const log = logOf(
    Array.from({ length: 200 }, (_, i) => [i % 9, i % 25, `word ${i % 40}`, 1_000_000_000 + 391 * i] as const),
  );
  const fallback = recentTexts(
    samples,
    Array.from({ length: samples.numItems }, (_, i) => `Title ${i}`),
    { count: 2 },
  );

  it.each(['user', 'item'] as const)('accepts queries of joinQueries by %s, with and without a fallback', (match) => {
    assertNoQueryLeakage(samples, log); // no queries at all
    assertNoQueryLeakage(joinQueries(samples, log, { match }).samples, log);
    const { samples: joined, counts } = joinQueries(samples, log, { match, fallback });
    expect(Math.min(counts.fromLog, counts.fromFallback)).toBeGreaterThan(0);
    assertNoQueryLeakage(joined, log, { fallback });
    expect(() => assertNoQueryLeakage(joined, log)).toThrow(LeakageError);
  });

  it('refuses a query typed at the time of the sample', () => {
    const log = logOf([[0, 0, 'mine', 200]]);
    const joined = { ...few, queries: ['mine'], queryIds: Int32Array.of(-1, 0, -1, -1, -1) };
    expect(() => assertNoQueryLeakage(joined, log)).toThrow(
      'expected a query that user 0 typed before 200, got "mine"',
    );
    assertNoQueryLeakage({ ...joined, queryIds: Int32Array.of(-1, -1, -1, 0, -1) }, log);
  });

  it('refuses another user’s query and an id without a text', () => {
    const { samples: joined } = joinQueries(few, logOf([[0, 0, 'mine', 150]]));
    expect(() =>
      assertNoQueryLeakage({ ...joined, queryIds: Int32Array.of(-1, 0, 0, 0, -1) }, logOf([[0, 0, 'mine', 150]])),
    ).toThrow('for sample 2');
    expect(() => assertNoQueryLeakage({ ...joined, queries: [] }, logOf([[0, 0, 'mine', 150]]))).toThrow(
      'got undefined',
    );
  });
});

describe('normalizeQuery', () => {
  it('unifies spellings of one query', () => {
    expect(normalizeQuery('  Sci-Fi\n epic ')).toBe('sci-fi epic');
    expect(normalizeQuery('Ame\u0301lie')).toBe('am\u00e9lie');
  });
});
