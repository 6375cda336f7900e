import {
  buildSamples,
  type InteractionTable,
  type InteractionTableOptions,
  parseInteractions,
  TableError,
} from '@sifaka/data';
import { readInteractions } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { rowsOf } from './made-up-events.js';
import { tableFolder } from './table-folder.js';

const { write } = tableFolder();
const HEADER = 'userId,itemId,rating,timestamp\n';

type Reader = (content: string, options?: InteractionTableOptions) => Promise<InteractionTable>;
const readers: [string, Reader][] = [
  ['readInteractions', (content, options) => readInteractions(write('table.csv', content), options)],
  ['parseInteractions', async (content, options) => parseInteractions(content, { name: 'table.csv', ...options })],
];

/** The reader of files, which uses DuckDB, and the reader of text must agree. */
describe.each(readers)('%s', (name, read) => {
  const failure = async (content: string): Promise<TableError> => {
    const error: unknown = await read(content).catch((reason: unknown) => reason);
    expect(TableError.isInstance(error), String(error)).toBe(true);
    return error as TableError;
  };

  it.each([
    ['LF', `${HEADER}u-12,b,3,1000000060\n12,a,1.0,1000000000\n7,b,4.5,1000000000\n`],
    [
      'BOM, CRLF, quotes and no last newline',
      `\ufeff${HEADER.trim()}\r\n"u-12","b","3","1000000060"\r\n12,a,1,1e9\r\n7,b,4.5,1000000000`,
    ],
    [
      'blank lines and further columns',
      'x,timestamp,rating,itemId,userId\n\n1,1000000060,3,b,u-12\n\n2,1000000000,1,a,12\n3,1000000000,4.5,b,7\n',
    ],
  ])('reads a table with %s', async (_, content) => {
    const { interactions, counts } = await read(content);
    expect(rowsOf(interactions)).toEqual(['7 b 4.5 1000000000', '12 a 1 1000000000', 'u-12 b 3 1000000060']);
    expect(interactions.userIds).toEqual(['7', '12', 'u-12']);
    expect(counts).toEqual({ rows: 3, duplicates: 0, unknownItems: 0 });
  });

  it('takes columns by the caller’s names', async () => {
    const columns = { user: 'who', item: 'movieId', rating: 'stars', timestamp: 'at' };
    const { interactions } = await read('who,movieId,stars,at\n1,2,5,1000000000\n', { columns });
    expect(rowsOf(interactions)).toEqual(['1 2 5 1000000000']);
  });

  it('keeps ratings in full precision', async () => {
    const { interactions } = await read(`${HEADER}1,1,3.8,1000000000\n1,1,3.99999999,1000000001\n`);
    expect([...interactions.ratings]).toEqual([3.8, 3.99999999]);
  });

  it('reads events without ratings', async () => {
    const content = 'userId,itemId,timestamp\n1,2,1000000000\n';
    const { interactions } = await read(content, { columns: { rating: null } });
    expect(rowsOf(interactions)).toEqual(['1 2 1 1000000000']);
    expect(interactions.implicit).toBe(true);
    expect([...buildSamples(interactions).labels]).toEqual([1]);
    expect([...buildSamples(interactions, { positive: () => false }).labels]).toEqual([0]);
    expect((await read(`${HEADER}1,2,1,1000000000\n`)).interactions.implicit).toBeUndefined();
  });

  it('keeps quotes, commas, newlines, spaces and UTF-8 in ids, and whole numbers beyond 2^53', async () => {
    const rows = '"u ""q"", x","Amélie\n🎬",5,1000000000\n9007199254740993, 1,5,1000000001\n';
    const { interactions } = await read(HEADER + rows);
    expect(interactions.userIds).toEqual(['9007199254740993', 'u "q", x']);
    expect(interactions.itemIds).toEqual([' 1', 'Amélie\n🎬']);
  });

  it('distinguishes columns that differ in case only', async () => {
    const { interactions } = await read('userid,userId,itemId,rating,timestamp\nno,yes,1,1,1000000000\n');
    expect(interactions.userIds).toEqual(['yes']);
  });

  it('counts rows with the same user, item and timestamp, and keeps the first', async () => {
    const rows = '1,1,5,1000000000\n1,1,2,1000000000\n1,1,3,1000000001\n1,1,5,1000000000\n';
    const { interactions, counts } = await read(HEADER + rows);
    expect(rowsOf(interactions)).toEqual(['1 1 5 1000000000', '1 1 3 1000000001']);
    expect(counts).toEqual({ rows: 4, duplicates: 2, unknownItems: 0 });
  });

  it('agrees with a catalogue, and counts events outside it', async () => {
    const rows = '1,b,5,1000000000\n1,x,5,1000000001\n2,x,5,1000000002\n';
    const { interactions, counts } = await read(HEADER + rows, { itemIds: ['c', 'b', 'a'] });
    expect(interactions.itemIds).toEqual(['c', 'b', 'a', 'x']);
    expect([...interactions.items]).toEqual([1, 3, 3]);
    expect(counts).toEqual({ rows: 3, duplicates: 0, unknownItems: 2 });
  });

  it('takes another range of timestamps', async () => {
    const { interactions } = await read(`${HEADER}1,1,1,5\n`, { timestampRange: [0, 10] });
    expect(interactions.length).toBe(1);
    const ends = await read(`${HEADER}1,1,1,0\n1,1,1,10\n`, { timestampRange: [0, 10] });
    expect(ends.interactions.length).toBe(2);
  });

  it('refuses a table without rows', async () => {
    expect((await failure(HEADER)).message).toMatch(
      new RegExp(`^${name}: expected at least one row, got none \\(.*table\\.csv\\)$`),
    );
    expect((await failure('')).message).toContain('expected a table, got an empty');
  });

  it('refuses a missing column, with the columns found', async () => {
    const error = await failure('user,itemId,rating,timestamp\n1,1,1,1000000000\n');
    expect(error.message).toContain('expected a column "userId", found columns: user, itemId, rating, timestamp (');
    expect(error.column).toBe('userId');
  });

  it('refuses a column that occurs twice', async () => {
    const error = await failure('userId,itemId,rating,rating,timestamp\n1,1,1,2,1000000000\n');
    expect(error.message).toContain('expected one column "rating"');
  });

  it.each([
    ['abc', '"abc"'],
    ['', 'null'],
    ['nan', '"nan"'],
    ['inf', '"inf"'],
    ['"4,5"', '"4,5"'],
    ['0x10', '"0x10"'],
    ['1_000', '"1_000"'],
  ])('refuses a rating that is not a number: %s', async (rating, shown) => {
    const error = await failure(`${HEADER}1,1,1,1000000000\n1,2,${rating},1000000000\n`);
    expect(error.message).toContain(`expected a number in rating, got ${shown} (`);
    expect(error.message).toContain('table.csv, line 3, row 2)');
    expect(error).toMatchObject({ line: 3, row: 2, column: 'rating' });
  });

  it('names the line of the file, where quoted newlines and blank lines precede', async () => {
    const error = await failure(`${HEADER}1,"a\nb\r\nc",1,1000000000\n\n2,"x ""y"" \n",x,1000000000\n`);
    expect(error).toMatchObject({ line: 6, row: 2 });
  });

  it('names the line beyond the first chunk', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `1,${i},${i === 4321 ? 'x' : 1},1000000000`);
    expect(await failure(`${HEADER}${lines.join('\n')}\n`)).toMatchObject({ line: 4323, row: 4322 });
  });

  it.each([
    ['1000000000000', 'which looks like milliseconds'],
    ['1000000000000000', 'which looks like microseconds'],
    ['5', '"5"'],
    ['yesterday', '"yesterday"'],
  ])('refuses a timestamp out of range: %s', async (timestamp, hint) => {
    const error = await failure(`${HEADER}1,1,1,1000000000\n1,1,1,${timestamp}\n`);
    expect(error.message).toContain('expected Unix seconds between 631152000 (1990-01-01) and 4102444800 (2100-01-01)');
    expect(error.message).toContain(hint);
    expect(error).toMatchObject({ line: 3, row: 2, column: 'timestamp' });
  });

  it('refuses an empty id', async () => {
    const error = await failure(`${HEADER},1,1,1000000000\n`);
    expect(error.message).toContain('expected an id in userId, got an empty cell');
    expect(error).toMatchObject({ line: 2, column: 'userId' });
  });

  it('refuses a row with too few or too many fields, an open quote, and mixed line ends', async () => {
    expect(await failure(`${HEADER}1,1,1,1000000000\n1,1\n`)).toMatchObject({ line: 3 });
    expect(await failure(`${HEADER}1,1,1,1000000000\n1,1,1,1000000000,1\n`)).toMatchObject({ line: 3 });
    expect((await failure(`${HEADER}1,"1,1,1000000000\n`)).message).toContain('unterminated');
    expect((await failure(`${HEADER}1,1,1,1000000000\r\n`)).message).toContain('mix LF and CRLF?');
    const windowsFirst = `${HEADER.trim()}\r\n1,1,1,1000000000\r\n1,1,1,1000000000\n1,1,1,1000000000\r\n`;
    await failure(windowsFirst);
  });
});
