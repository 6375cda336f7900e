import { parseInteractions, parseItems, parseQueryLog } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { rowsOf } from './made-up-events.js';

const CSV = 'userId,itemId,rating,timestamp\n1,Amélie,5,1000000000\n';

describe('CSV text', () => {
  it('may be the bytes of a file, with or without a BOM', () => {
    for (const text of [CSV, `\ufeff${CSV}`]) {
      const { interactions } = parseInteractions(new TextEncoder().encode(text));
      expect(rowsOf(interactions)).toEqual(['1 Amélie 5 1000000000']);
    }
  });

  it('is refused if its bytes are not UTF-8', () => {
    const latin1 = Uint8Array.from(CSV, (char) => char.charCodeAt(0));
    expect(() => parseInteractions(latin1)).toThrow(
      'parseInteractions: expected text in UTF-8, got other bytes (CSV text)',
    );
  });

  it('takes another delimiter', () => {
    const { interactions } = parseInteractions(CSV.replaceAll(',', '\t'), { delimiter: '\t' });
    expect(rowsOf(interactions)).toEqual(['1 Amélie 5 1000000000']);
  });

  it('is refused by its name, with the line of a malformed field', () => {
    expect(() => parseInteractions(`${CSV}1,"b"c,1,1000000000\n`, { name: 'mine.csv' })).toThrow(
      /^parseInteractions: expected fields quoted as in RFC 4180, got: .* \(mine\.csv, line 3\)$/,
    );
  });
});

describe('parseItems', () => {
  it('reads the requested columns, in the text’s order', () => {
    const csv = 'movieId,title,year\r\n11,"President, The",1995\r\n2,,2001\r\n2,again,2001\r\n';
    const { ids, columns, counts } = parseItems(csv, { id: 'movieId', text: ['title'] });
    expect(ids).toEqual(['11', '2']);
    expect(columns.title).toEqual(['President, The', undefined]);
    expect(counts).toEqual({ rows: 3, duplicates: 1 });
  });

  it('reads ids alone, from a table of one column, where a blank line is an empty id', () => {
    expect(parseItems('itemId\nu-12\n7\n').ids).toEqual(['u-12', '7']);
    expect(() => parseItems('itemId\nu-12\n\n7\n')).toThrow(
      'expected an id in itemId, got an empty cell (CSV text, line 3',
    );
  });
});

describe('parseQueryLog', () => {
  it('reads queries with the dense ids of the interactions, and counts unknown ones', () => {
    const csv = 'userId,query,timestamp\n2,Dune,1445714994\n9,nobody,1445714994\n1, ,1445714996\n';
    const options = { userIds: ['1', '2'], itemIds: [], columns: { item: null } };
    const { log, counts } = parseQueryLog(csv, options);
    expect([[...log.users], [...log.items], log.texts]).toEqual([[1], [-1], ['dune']]);
    expect(counts).toEqual({ rows: 3, unknownUsers: 1, unknownItems: 0, emptyTexts: 1 });
  });
});
