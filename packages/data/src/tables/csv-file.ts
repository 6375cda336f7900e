import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import papaparse from 'papaparse';
import { countLines, isBlank } from '../csv/csv-record.js';

// DuckDB reads the tables, but it tells neither the exact header nor the line of a row.

/** The header's names as written; none if the file has no record. */
export async function csvHeader(file: string, delimiter: string): Promise<readonly string[]> {
  let header: readonly string[] = [];
  await visitRecords(file, delimiter, (fields) => {
    header = fields;
    return true;
  });
  return header;
}

/** Line on which a data row (from 1) starts, or undefined if there is no such row. */
export async function csvLineOfRow(file: string, delimiter: string, row: number): Promise<number | undefined> {
  let width: number | undefined;
  let rows = 0;
  let found: number | undefined;
  await visitRecords(file, delimiter, (fields, line) => {
    if (width === undefined) width = fields.length;
    else if (!isBlank(fields, width) && ++rows === row) found = line;
    return found !== undefined;
  });
  return found;
}

/** Visits records in order, with the line on which each starts, until `visit` returns true. */
function visitRecords(
  file: string,
  delimiter: string,
  visit: (fields: readonly string[], line: number) => boolean,
): Promise<void> {
  const stream = Readable.from(decodedChunks(file));
  let line = 1;
  return new Promise((resolve, reject) => {
    papaparse.parse<string[]>(stream, {
      delimiter,
      step: ({ data }, parser) => {
        const done = visit(data, line);
        line += countLines(data);
        if (!done) return;
        parser.abort();
        stream.destroy();
        resolve();
      },
      complete: () => resolve(),
      error: reject,
    });
  });
}

/** The file's text without a BOM. */
async function* decodedChunks(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of createReadStream(file) as AsyncIterable<Uint8Array>) {
    yield decoder.decode(bytes, { stream: true });
  }
}
