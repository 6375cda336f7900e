import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Interactions, type ReadInteractionsOptions, readInteractions, TableError } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { tableFolder } from './table-folder.js';

const { folder, write } = tableFolder();
const HEADER = 'userId,itemId,rating,timestamp\n';

async function failure(file: string, options?: ReadInteractionsOptions): Promise<TableError> {
  const error: unknown = await readInteractions(file, options).catch((reason: unknown) => reason);
  expect(TableError.isInstance(error), String(error)).toBe(true);
  return error as TableError;
}

/** Each event as `user item rating timestamp`, in the order of the result. */
function rows({ users, items, ratings, timestamps, userIds, itemIds }: Interactions): string[] {
  return Array.from(users, (u, i) => `${userIds[u]} ${itemIds[items[i]!]} ${ratings[i]} ${timestamps[i]}`);
}

describe('every kind of table gives the same interactions', () => {
  const expected = ['7 b 4.5 1000000000', '12 a 1 1000000000', 'u-12 b 3 1000000060'];
  const parquet = async (sql: string): Promise<string> => {
    const file = path.join(folder, `events-${sql.length}.parquet`);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return file;
  };
  const objects = [
    '{"userId":"u-12","itemId":"b","rating":3,"timestamp":1000000060}',
    '{"userId":12,"itemId":"a","rating":1,"timestamp":1000000000,"extra":{"deep":[1]}}',
    '{"userId":7,"itemId":"b","rating":4.5,"timestamp":1000000000}',
  ];
  const tables = {
    csv: () => write('a.csv', `${HEADER}u-12,b,3,1000000060\n12,a,1.0,1000000000\n7,b,4.5,1000000000\n`),
    'csv with BOM, CRLF, quotes and no last newline': () =>
      write('b.csv', `\ufeff${HEADER.trim()}\r\n"u-12","b","3","1000000060"\r\n12,a,1,1e9\r\n7,b,4.5,1000000000`),
    'csv with blank lines and further columns': () =>
      write(
        'c.csv',
        'x,timestamp,rating,itemId,userId\n\n1,1000000060,3,b,u-12\n\n2,1000000000,1,a,12\n3,1000000000,4.5,b,7\n',
      ),
    tsv: () =>
      write('a.tsv', `${HEADER}u-12,b,3,1000000060\n12,a,1,1000000000\n7,b,4.5,1000000000\n`.replaceAll(',', '\t')),
    jsonl: () => write('a.jsonl', `${objects.join('\n\n')}\n`),
    ndjson: () => write('a.ndjson', objects.join('\n')),
    'json array': () => write('a.json', `[${objects.join(',')}]`),
    parquet: () =>
      parquet(`SELECT * FROM (VALUES ('u-12', 'b', 3, 1000000060), ('12', 'a', 1, 1000000000), ('7', 'b', 4.5, 1000000000))
        events("userId", "itemId", rating, "timestamp")`),
    'parquet with a timestamp type': () =>
      parquet(`SELECT "userId", "itemId", rating, make_timestamp("timestamp"::BIGINT * 1000000) AS "timestamp" FROM (VALUES
        ('u-12', 'b', 3, 1000000060), ('12', 'a', 1, 1000000000), ('7', 'b', 4.5, 1000000000))
        events("userId", "itemId", rating, "timestamp")`),
  };
  it.each(Object.entries(tables))('%s', async (_, make) => {
    const { interactions, counts } = await readInteractions(await make());
    expect(rows(interactions)).toEqual(expected);
    expect(interactions.userIds).toEqual(['7', '12', 'u-12']);
    expect(counts).toEqual({ rows: 3, duplicates: 0, unknownItems: 0 });
  });
});

describe('ids and columns', () => {
  it('takes columns by the caller’s names', async () => {
    const file = write('named.csv', 'who,movieId,stars,at\n1,2,5,1000000000\n');
    const columns = { user: 'who', item: 'movieId', rating: 'stars', timestamp: 'at' };
    expect(rows((await readInteractions(file, { columns })).interactions)).toEqual(['1 2 5 1000000000']);
  });

  it('reads events without ratings when told so', async () => {
    const file = write('clicks.csv', 'userId,itemId,timestamp\n1,2,1000000000\n');
    expect(rows((await readInteractions(file, { columns: { rating: null } })).interactions)).toEqual([
      '1 2 1 1000000000',
    ]);
  });

  it('keeps quotes, commas, newlines, spaces and UTF-8 in ids, and whole numbers beyond 2^53', async () => {
    const file = write(
      'odd.csv',
      `${HEADER}"u ""q"", x","Amélie\n🎬",5,1000000000\n9007199254740993, 1,5,1000000001\n`,
    );
    const { interactions } = await readInteractions(file);
    expect(interactions.userIds).toEqual(['9007199254740993', 'u "q", x']);
    expect(interactions.itemIds).toEqual([' 1', 'Amélie\n🎬']);
  });

  it('reads a file whose name holds glob characters and quotes, and only that file', async () => {
    write('events1.csv', `${HEADER}1,1,1,1000000000\n`);
    const file = write("events[1]*'.csv", `${HEADER}2,2,2,1000000000\n`);
    expect(rows((await readInteractions(file)).interactions)).toEqual(['2 2 2 1000000000']);
  });

  it('tells columns apart that differ in case only', async () => {
    const file = write('case.csv', 'userid,userId,itemId,rating,timestamp\nno,yes,1,1,1000000000\n');
    expect((await readInteractions(file)).interactions.userIds).toEqual(['yes']);
  });

  it('counts rows with the same user, item and timestamp, and keeps the first', async () => {
    const file = write(
      'twice.csv',
      `${HEADER}1,1,5,1000000000\n1,1,2,1000000000\n1,1,3,1000000001\n1,1,5,1000000000\n`,
    );
    const { interactions, counts } = await readInteractions(file);
    expect(rows(interactions)).toEqual(['1 1 5 1000000000', '1 1 3 1000000001']);
    expect(counts).toEqual({ rows: 4, duplicates: 2, unknownItems: 0 });
  });

  it('agrees with a catalogue, and counts events outside it', async () => {
    const file = write('catalogue.csv', `${HEADER}1,b,5,1000000000\n1,x,5,1000000001\n2,x,5,1000000002\n`);
    const { interactions, counts } = await readInteractions(file, { itemIds: ['c', 'b', 'a'] });
    expect(interactions.itemIds).toEqual(['c', 'b', 'a', 'x']);
    expect([...interactions.items]).toEqual([1, 3, 3]);
    expect(counts).toEqual({ rows: 3, duplicates: 0, unknownItems: 2 });
  });
});

describe('bad tables are refused by name', () => {
  it('a missing folder', async () => {
    const error = await failure(path.join(folder, 'nowhere', 'ratings.csv'));
    expect(error.message).toContain(`no such folder: ${path.join(folder, 'nowhere')}`);
    expect(error.file).toBe(path.join(folder, 'nowhere', 'ratings.csv'));
  });

  it('a missing file, with the tables beside it', async () => {
    write('zz-films.csv', 'a\n1\n');
    const error = await failure(path.join(folder, 'missing.csv'));
    expect(error.message).toMatch(/^readInteractions: no such file; the folder holds .*\.csv.*missing\.csv\)$/);
  });

  it('a folder, and an unknown kind of file', async () => {
    mkdirSync(path.join(folder, 'folder.csv'));
    expect((await failure(path.join(folder, 'folder.csv'))).message).toContain('expected a file, got a folder');
    expect((await failure(write('a.xlsx', 'x'))).message).toContain('.csv, .tsv, .parquet, .jsonl, .ndjson, .json');
  });

  it('an empty file, and one with a header only', async () => {
    expect((await failure(write('empty.csv', ''))).message).toContain('expected a table, got an empty file');
    expect((await failure(write('header.csv', HEADER))).message).toContain('expected at least one row, got none');
    expect((await failure(write('empty.parquet', ''))).message).toContain('empty file');
  });

  it.each([
    ['csv', 'user,itemId,rating,timestamp\n1,1,1,1000000000\n', 'user, itemId, rating, timestamp'],
    ['jsonl', '{"user":1,"itemId":2,"rating":3,"timestamp":1000000000}\n', 'user, itemId, rating, timestamp'],
  ])('a missing column (%s), with the columns found', async (kind, content, found) => {
    const error = await failure(write(`column.${kind}`, content));
    expect(error.message).toContain(`expected a column "userId", found columns: ${found} (`);
    expect(error).toMatchObject({ file: path.join(folder, `column.${kind}`), column: 'userId' });
  });

  it('a column that stands there twice', async () => {
    const file = write('double.csv', 'userId,itemId,rating,rating,timestamp\n1,1,1,2,1000000000\n');
    expect((await failure(file)).message).toContain('expected one column "rating"');
  });

  it.each([
    ['abc', '"abc"'],
    ['', 'null'],
    ['nan', '"nan"'],
    ['inf', '"inf"'],
    ['"4,5"', '"4,5"'],
  ])('a rating that is not a number: %s', async (rating, shown) => {
    const error = await failure(write('rating.csv', `${HEADER}1,1,1,1000000000\n1,2,${rating},1000000000\n`));
    expect(error.message).toContain(`expected a number in rating, got ${shown} (`);
    expect(error.message).toContain('rating.csv, line 3, row 2)');
    expect(error).toMatchObject({ line: 3, row: 2, column: 'rating' });
  });

  it('names the line of the file, which quoted newlines and blank lines move away from the row', async () => {
    const file = write('lines.csv', `${HEADER}1,"a\nb\r\nc",1,1000000000\n\n2,"x ""y"" \n",x,1000000000\n`);
    expect(await failure(file)).toMatchObject({ line: 6, row: 2 });
  });

  it('names the line beyond the first chunk', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `1,${i},${i === 4321 ? 'x' : 1},1000000000`);
    expect(await failure(write('long.csv', `${HEADER}${lines.join('\n')}\n`))).toMatchObject({ line: 4323, row: 4322 });
  });

  it('names line and row in JSON lines, and the row where there are no lines', async () => {
    const good = '{"userId":1,"itemId":2,"rating":3,"timestamp":1000000000}';
    const bad = good.replace('3', '"x"');
    expect(await failure(write('bad.jsonl', `${good}\n\n${bad}\n`))).toMatchObject({ line: 3, row: 2 });
    expect(await failure(write('bad.json', `[${good},\n${bad}]`))).toMatchObject({ line: undefined, row: 2 });
  });

  it.each([
    ['1000000000000', 'which looks like milliseconds'],
    ['1000000000000000', 'which looks like microseconds'],
    ['5', '"5"'],
    ['yesterday', '"yesterday"'],
  ])('a timestamp that is not in range: %s', async (timestamp, hint) => {
    const error = await failure(write('time.csv', `${HEADER}1,1,1,1000000000\n1,1,1,${timestamp}\n`));
    expect(error.message).toContain('expected Unix seconds between 631152000 (1990-01-01) and 4102444800 (2100-01-01)');
    expect(error.message).toContain(hint);
    expect(error).toMatchObject({ line: 3, row: 2, column: 'timestamp' });
  });

  it('takes another range of timestamps', async () => {
    const file = write('early.csv', `${HEADER}1,1,1,5\n`);
    expect((await readInteractions(file, { timestampRange: [0, 10] })).interactions.length).toBe(1);
  });

  it('an empty id', async () => {
    const error = await failure(write('id.csv', `${HEADER},1,1,1000000000\n`));
    expect(error.message).toContain('expected an id in userId, got an empty cell');
    expect(error).toMatchObject({ line: 2, column: 'userId' });
  });

  it('a row with too few fields, an open quote, mixed line ends, bytes that are no UTF-8', async () => {
    expect(await failure(write('few.csv', `${HEADER}1,1,1,1000000000\n1,1\n`))).toMatchObject({ line: 3 });
    expect((await failure(write('open.csv', `${HEADER}1,"1,1,1000000000\n`))).message).toContain('unterminated quote');
    expect((await failure(write('ends.csv', `${HEADER}1,1,1,1000000000\r\n`))).message).toContain('mix LF and CRLF');
    const latin1 = Buffer.concat([Buffer.from(HEADER), Buffer.from('1,caf\xe9,1,1000000000\n', 'latin1')]);
    expect((await failure(write('latin1.csv', latin1))).message).toContain('not utf-8');
  });

  it('a file that is not what its name says', async () => {
    expect((await failure(write('text.parquet', 'not a parquet file at all'))).message).toMatch(/^readInteractions: /);
    expect((await failure(write('broken.jsonl', '{"userId":1,\n'))).message).toContain('Malformed JSON');
  });
});
