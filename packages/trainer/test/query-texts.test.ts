import { type Catalogue, type QueryOptions, readQueries } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { historyOf } from './small-world.js';

const CLS = 2;
const SEP = 3;

/**
 * Four items, of which item 2 has no title, and five queries: the second and the last have the same text, the third has
 * none.
 */
const CATALOGUE: Catalogue = {
  size: 4,
  vocabularySize: 50,
  format: { start: [CLS], between: [SEP], end: [], padding: 0, types: [0, 1] },
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
  catalogue = CATALOGUE,
) {
  const size = queries?.length ?? history.length / historyLength;
  const batch = {
    queries: Int32Array.from(queries ?? Array(size).fill(-1)),
    sessions: Int32Array.from({ length: size }, (_, row) => 100 + row),
    size,
    histories: { liked: likedHistory(size, history, historyLength) },
  };
  return readQueries(catalogue, batch, options);
}

/** A history from its concatenated rows, with −1 for padding. */
function likedHistory(size: number, history: readonly number[], length: number) {
  const rows = Array.from({ length: size }, (_, row) => history.slice(row * length, (row + 1) * length));
  return historyOf(
    rows.map((items) => items.map((item) => [item, 1] as const)),
    { length },
  );
}

describe('queries of the samples', () => {
  test('are the texts of the query ids, each once, without titles of the history', () => {
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

  test('are encoded once if two ids have equal texts, and keep both ids', () => {
    const { text, queryOf, qids } = texts([1, 4]);
    expect([...text.ids]).toEqual([CLS, 33, 34]);
    expect([...queryOf, ...qids]).toEqual([0, 0, 1, 4]);
  });

  test('are the classification token alone for a row without a query or a text without a token', () => {
    const { text, queryOf, hasQuery, qids } = texts([-1, 3, 2, -1]);
    expect(text).toEqual({ ids: Int32Array.of(CLS, 0, CLS, 35), length: 2, lengths: Int32Array.of(1, 2) });
    expect([...queryOf]).toEqual([0, 1, 0, 0]);
    expect([...hasQuery]).toEqual([0, 1, 0, 0]);
    expect([...qids]).toEqual([-1, 3, 2, -1]);
  });
});

describe('titles of the items liked last', () => {
  test('form the query, each followed by the separator', () => {
    const { text, queryOf, hasQuery } = titles([3, 0, 1], 3, 2);
    expect([...text.ids]).toEqual([CLS, 40, 41, SEP, 10, SEP]);
    expect([...text.lengths, ...queryOf, ...hasQuery]).toEqual([6, 0, 1]);
  });

  test('are encoded once for equal queries, whatever items follow in the history', () => {
    const { text, queryOf, hasQuery } = titles([0, 1, 3, 1, 0, 3, 0, 1, -1, 0, 1, 1], 3, 2);
    expect([...queryOf]).toEqual([0, 1, 0, 0]);
    expect([...hasQuery]).toEqual([1, 1, 1, 1]);
    expect(text).toEqual({
      ids: Int32Array.of(CLS, 10, SEP, 20, SEP, CLS, 20, SEP, 10, SEP),
      length: 5,
      lengths: Int32Array.of(5, 5),
    });
  });

  test('are missing for a user without a like: no query, only the classification token', () => {
    const { text, queryOf, hasQuery } = titles([-1, -1, 0, -1], 2, 2);
    expect([...hasQuery]).toEqual([0, 1]);
    expect([...queryOf]).toEqual([0, 1]);
    expect(text).toEqual({
      ids: Int32Array.of(CLS, 0, 0, CLS, 10, SEP),
      length: 3,
      lengths: Int32Array.of(1, 3),
    });
  });

  test('are empty for an item without a title, which leaves its separator', () => {
    const { text } = titles([2, 3], 2, 2);
    expect([...text.ids]).toEqual([CLS, SEP, 40, 41, SEP]);
  });

  test('are no more than the history holds', () => {
    const { text } = titles([0, 1], 1, 5);
    expect([...text.ids]).toEqual([CLS, 10, SEP, CLS, 20, SEP]);
  });

  test('have the session as QID', () => {
    expect([...titles([0, 1], 1, 1).qids]).toEqual([100, 101]);
  });
});

describe('a format without special tokens, as SigLIP has it,', () => {
  const PADDING = 1;
  const bare = (fixedLength?: number): Catalogue => ({
    ...CATALOGUE,
    format: {
      ...{ start: [], between: [], end: [], padding: PADDING, types: [0, 0] },
      ...(fixedLength !== undefined && { fixedLength }),
    },
  });

  test('has one token for a row without a query, whatever the other rows of the batch are', () => {
    const { text, hasQuery } = read({ queries: [-1, 0, 2] }, { query: 'samples', queryItems: 2 }, bare());
    expect(text).toEqual({
      ids: Int32Array.of(PADDING, PADDING, PADDING, 30, 31, 32),
      length: 3,
      lengths: Int32Array.of(1, 3),
    });
    expect([...hasQuery]).toEqual([0, 1, 0]);
    const alone = read({ queries: [2] }, { query: 'samples', queryItems: 2 }, bare());
    expect(alone.text).toEqual({ ids: Int32Array.of(PADDING), length: 1, lengths: Int32Array.of(1) });
  });

  test('gives no query to a user whose liked items have no title', () => {
    const history = [2, -1, -1, -1, 2, 3];
    const { text, queryOf, hasQuery } = read(
      { history, historyLength: 2 },
      { query: 'likedTitles', queryItems: 2 },
      bare(),
    );
    expect([...hasQuery]).toEqual([0, 0, 1]);
    expect([...queryOf]).toEqual([0, 0, 1]);
    expect(text).toEqual({ ids: Int32Array.of(PADDING, PADDING, 40, 41), length: 2, lengths: Int32Array.of(1, 2) });
  });

  test('neither cuts nor pads liked titles to the fixed length of its own model', () => {
    const options = { query: 'likedTitles', queryItems: 3 } as const;
    const { text } = read({ history: [3, 1, 0], historyLength: 3 }, options, bare(3));
    expect(text).toEqual({ ids: Int32Array.of(40, 41, 20, 10), length: 4, lengths: Int32Array.of(4) });
    const short = read({ history: [0], historyLength: 1 }, options, bare(3)).text;
    expect(short).toEqual({ ids: Int32Array.of(10), length: 1, lengths: Int32Array.of(1) });
  });
});
