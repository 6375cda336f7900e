import { parseInteractions, parseItems, type TableError, type TableLimits } from '@sifaka/data';
import { readInteractions, readItems } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { tableFolder } from './table-folder.js';

const { write, writeParquet } = tableFolder();
const HEADER = 'userId,itemId,rating,timestamp';
const event = (id: string) => `u,${id},5,1000000000`;

type Read = (content: string, limits?: TableLimits) => Promise<unknown>;
const csvReaders: [name: string, unit: string, Read][] = [
  ['readInteractions', 'bytes', (content, limits) => readInteractions(write('t.csv', content), limits)],
  ['parseInteractions', 'characters', async (content, limits) => parseInteractions(content, limits)],
];

describe.each(csvReaders)('%s of CSV', (_, unit, read) => {
  const failure = async (content: string, limits?: TableLimits): Promise<TableError> => {
    return (await read(content, limits).then(
      () => new Error('nothing was refused'),
      (error: unknown) => error,
    )) as TableError;
  };

  it('refuses a row that is too long, with its line', async () => {
    const content = [HEADER, event('a'), event('x'.repeat(200)), event('b')].join('\n');
    expect((await failure(content, { maxRowLength: 100 })).message).toMatch(
      new RegExp(`expected rows of at most 100 ${unit} \\(maxRowLength\\), got a longer one \\(.*line 3\\)`),
    );
    await read(content, { maxRowLength: 300 });
    const lines = [HEADER, event('a'), event(`"${'x\n'.repeat(100)}"`)].join('\n');
    expect((await failure(lines, { maxRowLength: 100 })).message).toContain(`at most 100 ${unit}`);
    await read(lines, { maxRowLength: 300 });
  });

  it('measures a row, the header too, in the unit that it names', async () => {
    const wide = 'ü'.repeat(60); // 120 bytes
    for (const content of [`${HEADER}\n${event(wide)}\n`, `${HEADER},${wide}\n${event('a')},1\n`]) {
      const refused = await failure(content, { maxRowLength: 130 });
      if (unit === 'bytes') expect(refused.message).toContain('at most 130 bytes');
      else expect(refused.message).toBe('nothing was refused');
    }
  });

  it('counts lines that end in CRLF', async () => {
    const content = [HEADER, event('a'), event('x'.repeat(200)), event('b')].join('\r\n');
    expect((await failure(content, { maxRowLength: 100 })).message).toMatch(/line 3\)$/);
  });

  it('bounds a row, not the file', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => event(`item ${i}`));
    const content = `${HEADER}\n${rows.join('\n')}\nu,last,five,1000000000\n`;
    const error = await failure(content, { maxRowLength: 100 });
    expect(error.message).toContain('expected a number in rating, got "five"');
    expect(error).toMatchObject({ line: 100_002, row: 100_001 });
    const header = await failure(`${HEADER},${'x'.repeat(100)}\n${event('a')},1\n`, { maxRowLength: 100 });
    expect(header.message).toMatch(new RegExp(`at most 100 ${unit} .*line 1\\)$`));
  });

  it('refuses a header of brackets, quotes or commas without parsing all of it', async () => {
    for (const text of ['[', '"', ',', '"x\n', 'x\ty']) {
      const error = await failure(text.repeat(4_000_000));
      expect(error.message).toMatch(new RegExp(`expected rows of at most 2097152 ${unit} .*, line 1\\)$|RFC 4180`));
      expect(error.message.length).toBeLessThan(1500);
    }
  });

  it('refuses too many columns and rows', async () => {
    const wide = `${HEADER}${',c'.repeat(10_000)}\n${event('a')}${',1'.repeat(10_000)}\n`;
    expect((await failure(wide)).message).toContain('expected at most 10000 columns (maxColumns), got 10004');
    await read(wide, { maxColumns: 10_004 });
    const long = [HEADER, event('a'), event('b'), event('c')].join('\n');
    expect((await failure(long, { maxRows: 2 })).message).toContain('expected at most 2 rows (maxRows), got more');
    await read(long, { maxRows: 3 });
  });

  it('refuses limits that are no whole numbers', async () => {
    for (const limit of [0, Number.NaN, 1.5, '7' as unknown as number]) {
      const error = await failure(`${HEADER}\n${event('a')}\n`, { maxRows: limit });
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toContain('expected maxRows to be a whole number from 1');
    }
  });
});

describe('JSON', () => {
  const item = (title: string) => `{"itemId":"1","title":"${title}"}`;

  it('refuses a row that is too long, in lines and arrays', async () => {
    const options = { text: ['title'], maxRowLength: 100 } as const;
    const lines = write('t.jsonl', [item('a'), item('x'.repeat(100))].join('\n'));
    await expect(readItems(lines, options)).rejects.toThrow(/at most 100 characters .* got a longer one .*line 2/);
    const inside = write('t.jsonl', [item('a'), item('x'.repeat(100)), item('b')].join('\n'));
    await expect(readItems(inside, options)).rejects.toThrow(/at most 100 characters .* got a longer one .*line 2/);
    const array = write('t.json', `[${item('a')},${item('x'.repeat(100))}]`);
    await expect(readItems(array, options)).rejects.toThrow(/at most 100 characters .* got a longer one/);
    await readItems(array, { ...options, maxRowLength: 200 });
  });

  it('refuses millions of brackets', async () => {
    for (const text of ['[', '{', '"', '{"a":']) {
      for (const name of ['b.jsonl', 'b.json']) {
        const error: unknown = await readItems(write(name, text.repeat(3_000_000))).catch((reason: unknown) => reason);
        expect(String(error)).toMatch(/characters \(maxRowLength\)|expected JSON objects, got/);
      }
    }
  });

  it('refuses too many columns and rows', async () => {
    const many = Array.from({ length: 20 }, (_, k) => `{"a${k}":1}`).join('\n');
    await expect(readItems(write('m.jsonl', many), { maxColumns: 9 })).rejects.toThrow(/at most 9 columns .*line 10/);
    const two = write('two.jsonl', `${item('a')}\n${item('b')}\n`);
    await expect(readItems(two, { maxRows: 1 })).rejects.toThrow('expected at most 1 rows');
  });
});

describe('Parquet', () => {
  // A dictionary makes a small file of many long cells.
  const long = "CASE WHEN range % 2500 = 2499 THEN repeat('x', 100) ELSE 'short' END";

  it('may hold no longer texts in a row, which is named', async () => {
    const file = await writeParquet('long.parquet', `SELECT range AS "itemId", ${long} AS title FROM range(5000)`);
    const error = await readItems(file, { text: ['title'], maxRowLength: 99 }).catch((reason: unknown) => reason);
    expect((error as TableError).message).toMatch(/at most 99 bytes \(maxRowLength\), got a longer one .*row 2500\)$/);
    expect((error as TableError).row).toBe(2500);
    expect((await readItems(file, { text: ['title'], maxRowLength: 100 })).ids).toHaveLength(5000);
    await readItems(file, { maxRowLength: 10 }); // Titles that are not read do not count.
  });

  it.each([
    ['ids', `SELECT repeat('x', 100) AS "itemId"`],
    ['lists', `SELECT '1' AS "itemId", [repeat('x', 90)] AS title`],
    ['bytes beyond ASCII', `SELECT '1' AS "itemId", repeat('ü', 50) AS title`],
    ['all texts of a row together', `SELECT repeat('x', 50) AS "itemId", repeat('y', 50) AS title`],
  ])('counts %s', async (name, sql) => {
    const file = await writeParquet(`${name}.parquet`, sql);
    const text = sql.includes('title') ? ['title'] : [];
    await expect(readItems(file, { text, maxRowLength: 90 })).rejects.toThrow(/at most 90 bytes .*row 1\)$/);
    await readItems(file, { text, maxRowLength: 110 });
  });

  it('counts the text of a number column', async () => {
    const rating = `SELECT 'u' AS "userId", 'i' AS "itemId", repeat('9', 100) AS rating, 1000000000 AS timestamp`;
    const file = await writeParquet('number.parquet', rating);
    await expect(readInteractions(file, { maxRowLength: 99 })).rejects.toThrow(/at most 99 bytes/);
  });
});

it('Parquet may hold no more rows and columns either', async () => {
  const file = await writeParquet('rows.parquet', 'SELECT range AS "itemId", 1 AS x FROM range(5000)');
  await expect(readItems(file, { maxRows: 4999 })).rejects.toThrow('expected at most 4999 rows (maxRows), got more');
  await expect(readItems(file, { maxColumns: 1 })).rejects.toThrow('expected at most 1 columns (maxColumns), got 2');
  expect((await readItems(file, { maxRows: 5000 })).ids).toHaveLength(5000);
});

it('parseItems has the same limits', () => {
  expect(() => parseItems('itemId\na\nb\n', { maxRows: 1 })).toThrow('parseItems: expected at most 1 rows');
});
