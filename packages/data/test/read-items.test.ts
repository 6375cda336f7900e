import { readItems, TableError } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { tableFolder } from './table-folder.js';

const { write } = tableFolder();

describe('readItems', () => {
  it('reads the requested columns, in the file’s order', async () => {
    const file = write(
      'movies.csv',
      '\ufeffmovieId,title,genres,year\r\n11,"American President, The (1995)",Comedy|Drama,1995\r\n2,"Amélie ""fabuleux"" 天\nII",,2001\r\n',
    );
    const { ids, columns, counts } = await readItems(file, { id: 'movieId', text: ['title', 'genres'] });
    expect(ids).toEqual(['11', '2']);
    expect(columns.title).toEqual(['American President, The (1995)', 'Amélie "fabuleux" 天\nII']);
    expect(columns.genres).toEqual(['Comedy|Drama', undefined]);
    expect(counts).toEqual({ rows: 2, duplicates: 0 });
  });

  it('counts repeated ids and keeps the first', async () => {
    const file = write('twice.csv', 'itemId,title\na,first\nb,x\na,second\n');
    const { ids, columns, counts } = await readItems(file, { text: ['title'] });
    expect(ids).toEqual(['a', 'b']);
    expect(columns.title).toEqual(['first', 'x']);
    expect(counts).toEqual({ rows: 3, duplicates: 1 });
  });

  it('reads ids alone, from a table of one column too', async () => {
    expect((await readItems(write('ids.csv', 'itemId\nu-12\n7\n'))).ids).toEqual(['u-12', '7']);
  });

  it('keeps the order of a file of many chunks', async () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `${(i * 7919) % 10_000}`);
    const file = write('many.csv', `itemId,title\n${ids.map((id) => `${id},"t\n${id}"`).join('\n')}\n`);
    const table = await readItems(file, { text: ['title'] });
    expect(table.ids).toEqual(ids);
    expect(table.columns.title[9999]).toBe(`t\n${ids[9999]}`);
  });

  it('reads nested JSON as text', async () => {
    const file = write('items.jsonl', '{"itemId":1,"tags":["a","b"]}\n{"itemId":2}\n');
    expect((await readItems(file, { text: ['tags'] })).columns.tags).toEqual(['["a","b"]', undefined]);
  });

  it.each([
    ['column', 'movieId,title\n1,x\n', 'readItems: expected a column "itemId", found columns: movieId, title'],
    ['id', 'itemId,title\n,x\n', 'expected an id in itemId, got an empty cell'],
    ['rows', 'itemId,title\n', 'expected at least one row, got none'],
  ])('refuses a table without a %s', async (what, content, message) => {
    const error: unknown = await readItems(write(`no-${what}.csv`, content)).catch((reason: unknown) => reason);
    expect(TableError.isInstance(error)).toBe(true);
    expect(String(error)).toContain(message);
  });
});
