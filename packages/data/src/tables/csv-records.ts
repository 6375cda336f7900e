import { createReadStream } from 'node:fs';

export interface CsvRecord {
  /** Line on which the record starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of a delimited text file (RFC 4180: quotes, doubled quotes, newlines in quotes; LF, CRLF or CR; a BOM is dropped).
 *
 * DuckDB reads the tables; this answers the two questions that it does not: what the header says, letter by letter, and on which
 * line a row stands.
 */
export async function* csvRecords(file: string, delimiter: string): AsyncGenerator<CsvRecord> {
  let line = 1;
  let start = 1;
  let fields: string[] = [];
  let field = '';
  let state: 'plain' | 'quoted' | 'quote in quoted' = 'plain';
  let afterReturn = false;
  let first = true;

  const takeRecord = (): CsvRecord => {
    const record = { line: start, fields: [...fields, field] };
    fields = [];
    field = '';
    state = 'plain';
    return record;
  };

  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    for (const char of first ? chunk.replace(/^\ufeff/, '') : chunk) {
      const newline = char === '\n' || char === '\r';
      const secondOfPair = char === '\n' && afterReturn;
      afterReturn = char === '\r';
      if (newline && !secondOfPair) line++;

      if (state === 'quoted') {
        if (char === '"') state = 'quote in quoted';
        else field += char;
      } else if (state === 'quote in quoted' && char === '"') {
        field += char;
        state = 'quoted';
      } else if (newline) {
        if (!secondOfPair) yield takeRecord();
        start = line;
      } else if (char === delimiter) {
        fields.push(field);
        field = '';
        state = 'plain';
      } else if (char === '"' && field === '') {
        state = 'quoted';
      } else {
        field += char;
      }
    }
    first = false;
  }
  if (field !== '' || fields.length > 0) yield takeRecord();
}
