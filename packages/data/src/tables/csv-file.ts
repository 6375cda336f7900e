import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import papaparse from 'papaparse';
import { countLines, isBlank } from '../csv/csv-record.js';

// DuckDB reads the tables, but it tells neither the exact header nor the line of a row.

export interface CsvFile {
  readonly file: string;
  readonly delimiter: string;
  /** In bytes. */
  readonly maxRowLength: number;
}

/** Most bytes that are read before the parser sees them: a few blocks of a file. */
const AHEAD = 2 ** 20;

/** A row of the file is longer than `maxRowLength`. */
export class LongRowError extends Error {}

/** The header's names as written; none if the file has no record. @throws LongRowError */
export async function csvHeader({ file, delimiter, maxRowLength }: CsvFile): Promise<readonly string[]> {
  let header: readonly string[] = [];
  await visitRecords({ file, delimiter, maxRowLength }, (fields) => {
    if (Buffer.byteLength(fields.join(delimiter)) > maxRowLength) throw new LongRowError();
    header = fields;
    return true;
  });
  return header;
}

/** Line on which a data row (from 1) starts, or undefined if there is no such row. */
export async function csvLineOfRow(csv: CsvFile, row: number): Promise<number | undefined> {
  let width: number | undefined;
  let rows = 0;
  let found: number | undefined;
  await visitRecords(csv, (fields, line) => {
    if (width === undefined) width = fields.length;
    else if (!isBlank(fields, width) && ++rows === row) found = line;
    return found !== undefined;
  });
  return found;
}

/** Visits records in order, with the line on which each starts, until `visit` returns true. */
function visitRecords(
  { file, delimiter, maxRowLength }: CsvFile,
  visit: (fields: readonly string[], line: number) => boolean,
): Promise<void> {
  const progress = { unfinished: 0 };
  const stream = Readable.from(decodedChunks(file, maxRowLength, progress), { highWaterMark: 1 });
  let line = 1;
  return new Promise((resolve, reject) => {
    papaparse.parse<string[]>(stream, {
      delimiter,
      step: ({ data }, parser) => {
        progress.unfinished = 0;
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

/**
 * The file's text without a BOM. The parser collects the text of an unfinished row and parses it again with each chunk,
 * so it must not get more text than one row may have.
 *
 * @param progress number of bytes since the last row was finished
 */
async function* decodedChunks(
  file: string,
  maxRowLength: number,
  progress: { unfinished: number },
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of createReadStream(file) as AsyncIterable<Uint8Array>) {
    if (progress.unfinished > maxRowLength + AHEAD) throw new LongRowError();
    const text = decoder.decode(bytes, { stream: true });
    progress.unfinished += bytes.length;
    yield text;
  }
}
