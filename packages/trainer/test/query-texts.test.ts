import { type Catalogue, type QueryOptions, readQueries } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { historyOf } from './small-world.js';

const CLS = 2;
const SEP = 3;

/**
 * Four items, of which item 2 has no title, and five queries: the second and the last say the same, the third says
 * nothing.
 */
const CATALOGUE: Catalogue = {
  size: 4,
  vocabularySize: 50,
  classification: CLS,
  separator: SEP,
  images: { pixels: new Uint8Array(4 * 3), height: 1, width: 1, present: new Uint8Array(4) },
  documents: { ids: new Int32Array(4), lengths: new Int32Array(4), maxLength: 1 },
  titles: { ids: Int32Array.of(10, 0, 20, 0, 0, 0, 40, 41), lengths: Int32Array.of(1, 1, 0, 2), maxLength: 2 },
  queries: {
    ids: Int32Array.of(30, 31, 32, 33, 34, 0, 0, 0, 0, 35, 0, 0, 33, 34, 0),
    lengths: Int32Array.of(3, 2, 0, 1, 2),
    maxLength: 3,
  },
};

const titles = (history: readonly number[], historyLength: number, queryItems: number) =>
  read({ history, historyLength }, { query: 'likedTitles', queryItems });
const texts = (queries: readonly number[]) => read({ queries }, { query: 'samples', queryItems: 2 });

function read(
  {
    queries,
    history = [],
    historyLength = 1,
  }: { queries?: readonly number[]; history?: readonly number[]; historyLength?: number },
  options: QueryOptions,
) {
  const size = queries?.length ?? history.length / historyLength;
  const batch = {
    queries: Int32Array.from(queries ?? Array(size).fill(-1)),
    sessions: Int32Array.from({ length: size }, (_, row) => 100 + row),
    size,
    histories: { liked: likedHistory(size, history, historyLength) },
  };
  return readQueries(CATALOGUE, batch, options);
}

/** Rows of one history laid end to end; −1 for padding. */
function likedHistory(size: number, history: readonly number[], length: number) {
  const rows = Array.from({ length: size }, (_, row) => history.slice(row * length, (row + 1) * length));
  return historyOf(
    rows.map((items) => items.map((item) => [item, 1] as const)),
    { length },
  );
}

describe('queries of the samples', () => {
  test('are the texts of the query ids, each once, and nothing of the history', () => {
    const { text, queryOf, hasQuery, qids } = texts([3, 0, 3, 1]);
    expect(text).toEqual({
      ids: Int32Array.of(CLS, 35, 0, 0, CLS, 30, 31, 32, CLS, 33, 34, 0),
      length: 4,
      lengths: Int32Array.of(2, 4, 3),
    });
    expect([...queryOf]).toEqual([0, 1, 0, 2]);
    expect([...hasQuery]).toEqual([1, 1, 1, 1]);
    expect([...qids]).toEqual([3, 0, 3, 1]);
  });

  test('equal texts under two ids are made once, and are still two queries', () => {
    const { text, queryOf, qids } = texts([1, 4]);
    expect([...text.ids]).toEqual([CLS, 33, 34]);
    expect([...queryOf, ...qids]).toEqual([0, 0, 1, 4]);
  });

  test('a row without one asks nothing, with the classification token alone; so does a text without a token', () => {
    const { text, queryOf, hasQuery, qids } = texts([-1, 3, 2, -1]);
    expect(text).toEqual({ ids: Int32Array.of(CLS, 0, CLS, 35), length: 2, lengths: Int32Array.of(1, 2) });
    expect([...queryOf]).toEqual([0, 1, 0, 0]);
    expect([...hasQuery]).toEqual([0, 1, 0, 0]);
    expect([...qids]).toEqual([-1, 3, 2, -1]);
  });
});

describe('titles liked last', () => {
  test('a query is the titles of the latest liked items, each ended by the separator', () => {
    const { text, queryOf, hasQuery } = titles([3, 0, 1], 3, 2);
    expect([...text.ids]).toEqual([CLS, 40, 41, SEP, 10, SEP]);
    expect([...text.lengths, ...queryOf, ...hasQuery]).toEqual([6, 0, 1]);
  });

  test('equal queries are made once, whatever comes after the items that are asked with', () => {
    const { text, queryOf, hasQuery } = titles([0, 1, 3, 1, 0, 3, 0, 1, -1, 0, 1, 1], 3, 2);
    expect([...queryOf]).toEqual([0, 1, 0, 0]);
    expect([...hasQuery]).toEqual([1, 1, 1, 1]);
    expect(text).toEqual({
      ids: Int32Array.of(CLS, 10, SEP, 20, SEP, CLS, 20, SEP, 10, SEP),
      length: 5,
      lengths: Int32Array.of(5, 5),
    });
  });

  test('a user who liked nothing has no query, only the classification token', () => {
    const { text, queryOf, hasQuery } = titles([-1, -1, 0, -1], 2, 2);
    expect([...hasQuery]).toEqual([0, 1]);
    expect([...queryOf]).toEqual([0, 1]);
    expect(text).toEqual({
      ids: Int32Array.of(CLS, 0, 0, CLS, 10, SEP),
      length: 3,
      lengths: Int32Array.of(1, 3),
    });
  });

  test('an item without a title leaves its separator', () => {
    const { text } = titles([2, 3], 2, 2);
    expect([...text.ids]).toEqual([CLS, SEP, 40, 41, SEP]);
  });

  test('asks with no more items than the history holds', () => {
    const { text } = titles([0, 1], 1, 5);
    expect([...text.ids]).toEqual([CLS, 10, SEP, CLS, 20, SEP]);
  });

  test('the session stands for QID', () => {
    expect([...titles([0, 1], 1, 1).qids]).toEqual([100, 101]);
  });
});
