import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { readInteractions, readItems, TableError } from '@sifaka/data/tables';
import { describe, expect, it, vi } from 'vitest';
import { tableFolder } from './table-folder.js';

const { write } = tableFolder();
const item = (id: number) => `{"itemId":"${id}","title":"film ${id}"}`;

async function failure(name: string, content: string | Uint8Array): Promise<TableError> {
  const error: unknown = await readItems(write(name, content), { text: ['title'] }).catch((reason: unknown) => reason);
  expect(TableError.isInstance(error), String(error)).toBe(true);
  return error as TableError;
}

it('reads −0 as the id 0, as the other formats do: they are one number', async () => {
  const file = write('zero.jsonl', ['-0', '0', '-0.0', '"0"', '-1'].map((id) => `{"itemId":${id}}`).join('\n'));
  expect((await readItems(file)).ids).toEqual(['0', '-1']);
});

describe.each(['jsonl', 'json', 'csv', 'parquet'])('a file of %s that cannot be read', (kind) => {
  it('is named', async () => {
    const file = write(`shut.${kind}`, 'x');
    const refusal = Object.assign(new Error(`EACCES: permission denied, open '${file}'`), { syscall: 'open' });
    // The tests may run as a user who can read every file.
    const { stat } = fs.promises;
    vi.spyOn(fs.promises, 'stat').mockImplementation((at, ...rest) =>
      at === file ? Promise.reject(refusal) : stat(at, ...(rest as [])),
    );
    syncBuiltinESMExports();
    const reading = readItems(file);
    const error: unknown = await reading.catch((reason: unknown) => reason);
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect(TableError.isInstance(error), String(error)).toBe(true);
    expect((error as TableError).message).toBe(
      `readItems: expected a file that can be read, got EACCES: permission denied, open '${file}' (${file})`,
    );
  });
});

describe('JSON lines', () => {
  it.each([
    ['an object without a comma', '{"itemId":"3" "title":"c"}', 'got malformed JSON: '],
    ['an object without its end', '{"itemId":"3"', 'got malformed JSON: '],
    ['an array', '[1]', 'got an array of 1'],
    ['a number', '3', 'got 3'],
    ['null', 'null', 'got null'],
    ['a repeated key', '{"itemId":"3","title":"a","title":"b"}', 'got the key "title" twice'],
  ])('name the line of %s', async (_, bad, message) => {
    const error = await failure('bad.jsonl', [item(1), '', bad, item(4)].join('\n'));
    expect(error.message).toContain(`readItems: expected a JSON object, ${message}`);
    expect(error.message).toContain('bad.jsonl, line 3, row 2)');
    expect(error).toMatchObject({ line: 3, row: 2 });
    expect(await failure('bad.jsonl', `${bad}\n`)).toMatchObject({ line: 1, row: 1 });
    expect(await failure('bad.jsonl', `${item(1)}\n${bad}`)).toMatchObject({ line: 2, row: 2 });
  });

  it('name the line of a cell beyond the first chunk', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => (i === 4321 ? '{"title":"x"}' : item(i)));
    expect(await failure('long.jsonl', lines.join('\r\n'))).toMatchObject({ line: 4322, row: 4322, column: 'itemId' });
  });

  it('may begin with a BOM, end without a line end, and have CRLF and blank lines', async () => {
    for (const [name, text] of [
      ['bom.jsonl', `\ufeff${item(1)}\r\n\r\n \r\n${item(2)}`],
      ['bom.json', `\ufeff[${item(1)},\r\n${item(2)}]\n`],
      ['several.json', `${item(1)}\n{\n  "itemId": "2",\n  "title": "film 2"\n}`],
    ] as const) {
      const { ids, columns } = await readItems(write(name, text), { text: ['title'] });
      expect([ids, columns.title]).toEqual([
        ['1', '2'],
        ['film 1', 'film 2'],
      ]);
    }
  });

  it('read half of a surrogate pair as U+FFFD in a text, and refuse it in an id', async () => {
    const file = write('half.jsonl', '{"itemId":"1","title":"half \\ud83d, whole \\ud83c\\udfac"}\n');
    expect((await readItems(file, { text: ['title'] })).columns.title).toEqual(['half \ufffd, whole 🎬']);
    const error = await failure('half-id.jsonl', `${item(1)}\n{"itemId":"\\ud83d","title":"x"}\n`);
    expect(error.message).toContain('expected an id in itemId, got "\\ud83d", which is not well-formed Unicode');
    expect(error.line).toBe(2);
  });

  it('keep all digits of ids, and numbers and texts that look like structure', async () => {
    const rows = [
      '{"itemId":9007199254740993,"title":"}]\\"\\\\","x":{"itemId":"deep","a":[1,{"title":2}]}}',
      '{"x":[{}],"itemId":1.0,"title": 12345678901234567890 }',
      '{"itemId":-7,"title":null}',
      '{"itemId":"a","title":true}',
      '{"itemId":"b","title":{"nested": [1.50]}}',
    ];
    for (const [name, text] of Object.entries({ 'c.jsonl': rows.join('\n'), 'c.json': `[${rows.join(' , ')}]` })) {
      const { ids, columns } = await readItems(write(name, text), { text: ['title'] });
      expect(ids).toEqual(['9007199254740993', '1', '-7', 'a', 'b']);
      expect(columns.title).toEqual(['}]"\\', '12345678901234567890', undefined, 'true', '{"nested": [1.50]}']);
    }
  });

  it('read a file of many blocks, wherever a block ends', async () => {
    const titles = Array.from({ length: 9000 }, (_, i) => `${'\\'.repeat(i % 5)}"${'{[é🎬]}'.repeat(i % 7)}",${i}`);
    const rows = titles.map((title, i) => JSON.stringify({ itemId: i, title, more: [{ title: '"' }] }));
    const pretty = rows.map((row) => JSON.stringify(JSON.parse(row), null, 1));
    for (const [name, text] of Object.entries({
      'many.jsonl': rows.join('\n'),
      'many.json': `[${rows.join(',')}]`,
      'pretty.json': `[\n${pretty.join(',\n')}\n]`,
      'several-many.json': pretty.join('\n'),
    })) {
      const { ids, columns } = await readItems(write(name, text), { text: ['title'] });
      expect(ids).toEqual(titles.map((_, i) => `${i}`));
      expect(columns.title).toEqual(titles);
    }
  });

  it('refuse ids that are no text and no whole number', async () => {
    for (const [id, got] of [
      ['1.5', '1.5, which is not a safe integer'],
      ['true', 'true'],
      ['{"$oid":"a"}', 'an object'],
    ]) {
      const { message } = await failure('ids.jsonl', `{"itemId":${id},"title":"x"}`);
      expect(message).toContain(`expected an id in itemId, got ${got}`);
    }
  });

  it('may have a column in a few rows only, and name the columns found if it is in none', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => (i === 2999 ? item(i) : `{"itemId":${i}}`));
    const { columns } = await readItems(write('sparse.jsonl', lines.join('\n')), { text: ['title'] });
    expect(columns.title.filter((title) => title !== undefined)).toEqual(['film 2999']);
    const { message } = await failure('no-column.jsonl', '{"itemId":1,"name":"x"}\n{"itemId":2,"year":"y"}\n');
    expect(message).toContain('expected a column "title", found columns: itemId, name, year (');
  });

  it('read texts that hold numbers as the CSV readers do', async () => {
    const event = (rating: string) => `{"userId":"u","itemId":"i","rating":${rating},"timestamp":"1000000000"}`;
    const ratings = async (rating: string) =>
      (await readInteractions(write('n.jsonl', event(rating)))).interactions.ratings[0];
    expect([await ratings('3.8'), await ratings('"3.8"'), await ratings('38e-1')]).toEqual([3.8, 3.8, 3.8]);
    for (const bad of ['"1_000"', '"x"', 'null', 'true', '[4]', '1e999', '""']) {
      await expect(ratings(bad)).rejects.toThrow('expected a number in rating, got ');
    }
  });

  it('are refused if they are not UTF-8', async () => {
    const bytes = Buffer.from(`{"itemId":"1","title":"caf\xe9"}\n`, 'latin1');
    expect((await failure('latin1.jsonl', bytes)).message).toContain('expected text in UTF-8, got other bytes');
    expect((await failure('cut.jsonl', Buffer.from(`${item(1)}\né`).subarray(0, -1))).message).toContain('UTF-8');
  });
});

describe('a JSON file', () => {
  it.each([
    ['[', 'got an array without its end'],
    [`[${item(1)}`, 'got an array without its end'],
    [`[${item(1)},]`, 'got "]" between them'],
    [`[,${item(1)}]`, 'got "," between them'],
    [`[${item(1)} ${item(2)}]`, 'got "{" between them'],
    [`[${item(1)}] x`, 'got "x" between them'],
    [`${item(1)},${item(2)}`, 'got "," between them'],
    [`[${item(1)}] ${item(2)}`, 'got "{" between them'],
    ['[1,2]', 'got "1" between them'],
    ['"text"', 'got "\\"" between them'],
    ['[{"itemId":"1","title":"x"', 'got an object without its end'],
    ['[{"itemId":]', 'got malformed JSON: '],
    ['[]', 'expected at least one row, got none'],
  ])('is refused if it is no array of objects: %s', async (content, message) => {
    expect((await failure('bad.json', content)).message).toContain(message);
  });
});
