import { readQueryLog, TableError } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { tableFolder } from './table-folder.js';

const { write } = tableFolder();
const ids = { userIds: ['1', '2'], itemIds: ['50', '60'] };
const tags = { item: 'movieId', text: 'tag' };

describe('readQueryLog', () => {
  it('reads a table of tags with the dense ids of the interactions, and counts unknown ones', async () => {
    const file = write(
      'tags.csv',
      'userId,movieId,tag,timestamp\n2,60,"Sci-Fi,  classic",1445714994\n9,60,nobody,1445714994\n1,70,unseen film,1445714995\n1,50," ",1445714996\n',
    );
    const { log, counts } = await readQueryLog(file, { ...ids, columns: tags });
    expect(log).toEqual({
      length: 2,
      users: Int32Array.of(1, 0),
      items: Int32Array.of(1, -1),
      texts: ['sci-fi, classic', 'unseen film'],
      timestamps: Float64Array.of(1445714994, 1445714995),
    });
    expect(counts).toEqual({ rows: 4, unknownUsers: 1, unknownItems: 1, emptyTexts: 1 });
  });

  it('reads searches without an item', async () => {
    const file = write('searches.jsonl', '{"userId":2,"query":"Dune","timestamp":1445714994}\n');
    const { log, counts } = await readQueryLog(file, { ...ids, columns: { item: null } });
    expect([[...log.users], [...log.items], log.texts]).toEqual([[1], [-1], ['dune']]);
    expect(counts.unknownItems).toBe(0);
  });

  it('names a cell that is not a timestamp', async () => {
    const file = write('bad.csv', 'userId,movieId,tag,timestamp\n1,50,a,1445714994\n1,50,b,1445714994000\n');
    const reading = readQueryLog(file, { ...ids, columns: tags });
    await expect(reading).rejects.toThrow(/^readQueryLog: expected Unix seconds .* looks like milliseconds .*line 3/);
    await expect(reading).rejects.toSatisfy(TableError.isInstance);
    const none = write('none.csv', 'userId,movieId,tag,timestamp\n1,50,a,\n');
    await expect(readQueryLog(none, { ...ids, columns: tags })).rejects.toThrow('got null');
  });

  it('refuses a table without rows, and one without the column', async () => {
    const empty = write('empty.csv', 'userId,movieId,tag,timestamp\n');
    await expect(readQueryLog(empty, { ...ids, columns: tags })).rejects.toThrow('expected at least one row, got none');
    await expect(readQueryLog(empty, { ...ids, columns: { item: 'movieId' } })).rejects.toThrow(
      'expected a column "query"',
    );
  });
});
