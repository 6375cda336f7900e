import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { type InteractionTableOptions, readInteractions, TableError } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { rowsOf } from './made-up-events.js';
import { tableFolder } from './table-folder.js';

const { folder, write, writeParquet } = tableFolder();
const HEADER = 'userId,itemId,rating,timestamp\n';

async function failure(file: string, options?: InteractionTableOptions): Promise<TableError> {
  const error: unknown = await readInteractions(file, options).catch((reason: unknown) => reason);
  expect(TableError.isInstance(error), String(error)).toBe(true);
  return error as TableError;
}

describe('every kind of table gives the same interactions', () => {
  const expected = ['7 b 4.5 1000000000', '12 a 1 1000000000', 'u-12 b 3 1000000060'];
  const objects = [
    '{"userId":"u-12","itemId":"b","rating":3,"timestamp":1000000060}',
    '{"userId":12,"itemId":"a","rating":1,"timestamp":1000000000,"extra":{"deep":[1]}}',
    '{"userId":7,"itemId":"b","rating":4.5,"timestamp":1000000000}',
  ];
  const tables = {
    csv: () => write('a.csv', `${HEADER}u-12,b,3,1000000060\n12,a,1.0,1000000000\n7,b,4.5,1000000000\n`),
    tsv: () =>
      write('a.tsv', `${HEADER}u-12,b,3,1000000060\n12,a,1,1000000000\n7,b,4.5,1000000000\n`.replaceAll(',', '\t')),
    jsonl: () => write('a.jsonl', `${objects.join('\n\n')}\n`),
    ndjson: () => write('a.ndjson', objects.join('\n')),
    'json array': () => write('a.json', `[${objects.join(',')}]`),
    parquet: () =>
      writeParquet(
        'a.parquet',
        `SELECT * FROM (VALUES ('u-12', 'b', 3, 1000000060), ('12', 'a', 1, 1000000000), ('7', 'b', 4.5, 1000000000))
        events("userId", "itemId", rating, "timestamp")`,
      ),
    'parquet with a timestamp type': () =>
      writeParquet(
        'times.parquet',
        `SELECT "userId", "itemId", rating, make_timestamp("timestamp"::BIGINT * 1000000) AS "timestamp" FROM (VALUES
        ('u-12', 'b', 3, 1000000060), ('12', 'a', 1, 1000000000), ('7', 'b', 4.5, 1000000000))
        events("userId", "itemId", rating, "timestamp")`,
      ),
  };
  it.each(Object.entries(tables))('%s', async (_, make) => {
    const { interactions, counts } = await readInteractions(await make());
    expect(rowsOf(interactions)).toEqual(expected);
    expect(interactions.userIds).toEqual(['7', '12', 'u-12']);
    expect(counts).toEqual({ rows: 3, duplicates: 0, unknownItems: 0 });
  });
});

describe('numbers of Parquet', () => {
  it('reads 32-bit and decimal ratings as the numbers that were written', async () => {
    for (const type of ['FLOAT', 'DOUBLE', 'DECIMAL(9,4)']) {
      const file = await writeParquet(
        `rating-${type}.parquet`,
        `SELECT 'u' AS "userId", 'i' AS "itemId", 3.8::${type} AS rating,
        1000000000 AS "timestamp"`,
      );
      expect([...(await readInteractions(file)).interactions.ratings]).toEqual([3.8]);
    }
  });
});

describe('file names', () => {
  it('may hold glob characters and quotes: only that file is read', async () => {
    write('events1.csv', `${HEADER}1,1,1,1000000000\n`);
    const file = write("events[1]*'.csv", `${HEADER}2,2,2,1000000000\n`);
    expect(rowsOf((await readInteractions(file)).interactions)).toEqual(['2 2 2 1000000000']);
  });

  it.each(['~', '~old', '[a]', '{a,b}', 'a\\b', '$HOME', '%41', 'k=v', 's3:', 'http:', 'line\nend'])(
    'may be in any folder, by a relative path too: %j',
    async (name) => {
      mkdirSync(path.join(folder, name));
      const csv = write(path.join(name, `${name}.csv`), `${HEADER}1,1,1,1000000000\n`);
      const json = write(path.join(name, `${name}.json`), '{"userId":1,"itemId":1,"rating":1,"timestamp":1000000000}');
      const parquet = await writeParquet(
        'moved.parquet',
        `SELECT * FROM read_csv('${write('plain.csv', `${HEADER}1,1,1,1000000000\n`)}')`,
      );
      const moved = path.join(folder, name, `${name}.parquet`);
      renameSync(parquet, moved);
      const before = process.cwd();
      process.chdir(folder);
      try {
        for (const file of [csv, json, moved, ...[csv, moved].map((absolute) => path.relative(folder, absolute))]) {
          expect(rowsOf((await readInteractions(file)).interactions)).toEqual(['1 1 1 1000000000']);
        }
      } finally {
        process.chdir(before);
      }
    },
  );

  it('are refused with a backslash in a pattern, which DuckDB cannot read', async () => {
    const { message } = await failure(write('a\\[b].csv', HEADER));
    expect(message).toContain('readInteractions: expected a path without a backslash beside *, ? or [ (');
  });

  it('are no addresses', async () => {
    for (const name of ['https://example.org/ratings.csv', 's3://bucket/ratings.csv', 'file:ratings.csv', 'a\0.csv']) {
      expect((await failure(name)).message).toMatch(/no such (file|folder)/);
    }
  });
});

describe('bad tables are refused by name', () => {
  it('a missing folder', async () => {
    const error = await failure(path.join(folder, 'nowhere', 'ratings.csv'));
    expect(error.message).toContain(`no such folder: ${path.join(folder, 'nowhere')}`);
    expect(error.file).toBe(path.join(folder, 'nowhere', 'ratings.csv'));
  });

  it('a missing file, with the tables in its folder', async () => {
    write('zz-films.csv', 'a\n1\n');
    const error = await failure(path.join(folder, 'missing.csv'));
    expect(error.message).toMatch(/^readInteractions: no such file; the folder holds .*\.csv.*missing\.csv\)$/);
  });

  it('a folder, and an unknown kind of file', async () => {
    mkdirSync(path.join(folder, 'folder.csv'));
    expect((await failure(path.join(folder, 'folder.csv'))).message).toContain('expected a file, got a folder');
    expect((await failure(write('a.xlsx', 'x'))).message).toContain('.csv, .tsv, .parquet, .jsonl, .ndjson, .json');
  });

  it('an empty file', async () => {
    expect((await failure(write('empty.csv', ''))).message).toContain('expected a table, got an empty file');
    expect((await failure(write('empty.parquet', ''))).message).toContain('empty file');
  });

  it('a missing column, with the columns found', async () => {
    const error = await failure(write('column.jsonl', '{"user":1,"itemId":2,"rating":3,"timestamp":1000000000}\n'));
    expect(error.message).toContain('expected a column "userId", found columns: user, itemId, rating, timestamp (');
    expect(error).toMatchObject({ file: path.join(folder, 'column.jsonl'), column: 'userId' });
  });

  it('names line and row in JSON lines, and the row where there are no lines', async () => {
    const good = '{"userId":1,"itemId":2,"rating":3,"timestamp":1000000000}';
    const bad = good.replace('3', '"x"');
    expect(await failure(write('bad.jsonl', `${good}\n\n${bad}\n`))).toMatchObject({ line: 3, row: 2 });
    expect(await failure(write('bad.json', `[${good},\n${bad}]`))).toMatchObject({ line: undefined, row: 2 });
  });

  it('bytes that are not UTF-8', async () => {
    const latin1 = Buffer.concat([Buffer.from(HEADER), Buffer.from('1,caf\xe9,1,1000000000\n', 'latin1')]);
    expect((await failure(write('latin1.csv', latin1))).message).toContain('not utf-8');
  });

  it('a file whose content does not match its ending', async () => {
    expect((await failure(write('text.parquet', 'not a parquet file at all'))).message).toMatch(/^readInteractions: /);
    expect((await failure(write('broken.jsonl', '{"userId":1,\n'))).message).toContain('got malformed JSON');
  });
});
