import { parseItems, TableError } from '@sifaka/data';
import { describe, expect, it } from 'vitest';
import { csvBlocks } from '../src/csv/csv-blocks.js';

const BLOCK = 2 ** 16;

/** Fields that a cut in the wrong place would change, as written and as read. */
const FIELDS = [
  ['"say ""hi"""', 'say "hi"'],
  ['"a, b"', 'a, b'],
  ['"line\r\nand ""line"""', 'line\r\nand "line"'],
  ['""', undefined],
  ['"end" ', 'end'],
  ['plain', 'plain'],
] as const;

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
])('CSV text with %s that is longer than a block', (_, lineEnd) => {
  const records = FIELDS.map(([written], i) => `${i},${written},x${lineEnd}`).join('');
  const text = (before: number) => {
    const filler = `filler,${'y'.repeat(before)},x${lineEnd}`;
    return `itemId,text,other${lineEnd}${filler}${records}`;
  };
  const start = text(0).length - records.length;

  it('has the same rows wherever the block ends', () => {
    const values = FIELDS.map(([, value]) => value);
    for (let cut = -2; cut <= records.length + 2; cut++) {
      const { ids, columns } = parseItems(text(BLOCK - start - cut), { text: ['text', 'other'] });
      expect([cut, ids.slice(1), columns.text.slice(1)]).toEqual([cut, FIELDS.map((__, i) => String(i)), values]);
      expect(columns.other).toEqual(Array(FIELDS.length + 1).fill('x'));
    }
  });

  it('names the line of a fault in any block', () => {
    for (const before of [0, BLOCK / 2, BLOCK - start - 8, 3 * BLOCK]) {
      const lines = 2 + FIELDS.length + 1; // One field spans two lines.
      const fault = (row: string, message: RegExp) => {
        const error = (() => {
          try {
            return parseItems(`${text(before)}${row}${lineEnd}7,b,x${lineEnd}`);
          } catch (reason) {
            return reason;
          }
        })();
        if (!TableError.isInstance(error)) throw new Error(`nothing was refused: ${row}`);
        expect(error.message).toMatch(message);
        expect([before, row, error.line]).toEqual([before, row, lines + 1]);
      };
      fault('6,a', /expected 3 fields, got 2/);
      fault(',a,x', /expected an id in itemId, got an empty cell/);
      fault('6,"a"b,x', /expected fields quoted as in RFC 4180/);
      fault('6,"a,x', /expected fields quoted as in RFC 4180/);
    }
  });
});

describe('csvBlocks', () => {
  it('holds the records of one block at a time', () => {
    const text = '1\n'.repeat(5 * BLOCK);
    const blocks = [...csvBlocks(text, ',', '\n')];
    expect(blocks).toHaveLength(10);
    for (const { records } of blocks) expect(records.length).toBeLessThanOrEqual(BLOCK / 2 + 1);
    expect(blocks.reduce((total, { records }) => total + records.length, 0)).toBe(5 * BLOCK + 1);
    expect(blocks.map(({ isLast }) => isLast)).toEqual([...Array(9).fill(false), true]);
  });

  it('parses a record that is longer than a block', () => {
    const field = 'x\n'.repeat(2 * BLOCK);
    const blocks = [...csvBlocks(`a,"${field}"\nb,c`, ',', '\n')];
    expect(blocks.flatMap(({ records }) => records)).toEqual([
      ['a', field],
      ['b', 'c'],
    ]);
    expect(blocks[0]!.unfinished).toBe(BLOCK);
  });
});
