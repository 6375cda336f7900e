import { findColumn } from '../rows/find-column.js';
import { numberOf } from '../rows/number-cell.js';
import { TableError } from '../rows/table-error.js';
import { rowTooLong, type TableLimits, tableLimits, tooManyColumns, tooManyRows } from '../rows/table-limits.js';
import type { CellProblem, TableChunk, TableRows } from '../rows/table-rows.js';
import { type CsvBlock, csvBlocks, lineEndOf } from './csv-blocks.js';
import { countLines, isBlank } from './csv-record.js';

export interface CsvOptions extends TableLimits {
  /** Name of the text in error messages, such as the name of an uploaded file. Default `'CSV text'`. */
  readonly name?: string;
  /** Between fields: `'\t'` for TSV. Default `','`. */
  readonly delimiter?: string;
}

/** CSV as text, or as the bytes of a UTF-8 file. */
export type CsvSource = string | Uint8Array;

const CHUNK_ROWS = 2048;

/**
 * Feeds the data rows of CSV text to `rows`.
 *
 * @throws {@link TableError} if the text is malformed or beyond a limit, or a cell cannot be used.
 */
export function readCsv(where: string, csv: CsvSource, options: CsvOptions, rows: TableRows): void {
  const limits = tableLimits(where, options);
  const table = new CsvTable(where, csv, options, limits);
  for (const chunk of table.read(rows)) {
    if (rows.length + chunk.rows > limits.maxRows) throw table.error(tooManyRows(limits));
    const problem = rows.add(chunk);
    if (problem !== undefined) throw table.errorAt(problem);
  }
  if (rows.length === 0) throw table.error('expected at least one row, got none');
}

/** One CSV table in memory (RFC 4180; LF, CRLF or CR; a BOM is dropped). */
class CsvTable {
  readonly #where: string;
  readonly #name: string;
  readonly #delimiter: string;
  readonly #limits: Required<TableLimits>;
  readonly #text: string;
  readonly #lineEnd: string;
  #header: readonly string[] | undefined;
  /** The block that is being read, and the data row (from 1) of its first record. */
  #block: CsvBlock | undefined;
  #firstRow = 1;

  constructor(
    where: string,
    csv: CsvSource,
    { name = 'CSV text', delimiter = ',' }: CsvOptions,
    limits: Required<TableLimits>,
  ) {
    this.#where = where;
    this.#name = name;
    this.#delimiter = delimiter;
    this.#limits = limits;
    this.#text = typeof csv === 'string' ? csv.replace(/^\ufeff/, '') : this.#decode(csv);
    if (this.#text === '') throw this.error('expected a table, got an empty text');
    // Every line is part of one row, so a line that is too long needs no parsing.
    const long = longLine(this.#text, limits.maxRowLength);
    if (long !== undefined) throw this.error(rowTooLong(limits, 'characters'), { line: long });
    this.#lineEnd = lineEndOf(this.#text, delimiter);
  }

  *read(wanted: TableRows): Generator<TableChunk> {
    for (const block of csvBlocks(this.#text, this.#delimiter, this.#lineEnd)) {
      this.#block = block;
      this.#checkBlock(block);
      const { records } = block;
      if (records.length === 0) continue;
      const isFirst = this.#header === undefined;
      const header = this.#header ?? records[0]!;
      this.#header = header;
      const problem = tooManyColumns(header.length, this.#limits);
      if (problem !== undefined) throw this.error(problem, { line: 1 });
      const [ids, texts, numbers] = [wanted.ids, wanted.texts, wanted.numbers].map((names) =>
        names.map((name) => findColumn(this.#where, this.#name, header, name)),
      ) as [number[], number[], number[]];
      let firstRow = this.#firstRow;
      for (let start = isFirst ? 1 : 0; start < records.length; start += CHUNK_ROWS) {
        const cells = this.#dataRows(block, start, firstRow);
        yield {
          firstRow,
          rows: cells.length,
          ids: ids.map((column) => cells.map((fields) => fields[column] || null)),
          texts: texts.map((column) => cells.map((fields) => fields[column] || null)),
          numbers: numbers.map((column) => cells.map((fields) => numberOf(fields[column]!))),
          rawNumber: (column, row) => cells[row]![numbers[column]!] || null,
        };
        firstRow += cells.length;
      }
      this.#firstRow = firstRow;
    }
  }

  error(problem: string, details: { readonly line?: number; readonly row?: number } = {}): TableError {
    return new TableError(this.#where, this.#name, problem, details);
  }

  /** An error about one cell of the block that was read last, with its line. */
  errorAt({ row, column, problem }: CellProblem): TableError {
    const { records, start } = this.#block!;
    let rows = this.#firstRow - 1;
    const isRow = (fields: readonly string[], index: number) =>
      !(start === 0 && index === 0) && !isBlank(fields, this.#header!.length) && ++rows === row;
    const line = this.#lineOf(this.#block!, records.findIndex(isRow));
    return new TableError(this.#where, this.#name, problem, { row, column, line });
  }

  #checkBlock(block: CsvBlock): void {
    const { records, unfinished, malformed } = block;
    const { maxRowLength } = this.#limits;
    const long = records.findIndex((fields) => lengthOf(fields) > maxRowLength);
    if (long >= 0 || unfinished > maxRowLength) {
      const line = this.#lineOf(block, long < 0 ? records.length : long);
      throw this.error(rowTooLong(this.#limits, 'characters'), { line });
    }
    if (malformed !== undefined) {
      const line = this.#lineOf(block, malformed.record);
      throw this.error(`expected fields quoted as in RFC 4180, got: ${malformed.message}`, { line });
    }
  }

  /** The records of a chunk without blank lines. @param firstRow data row of the first one */
  #dataRows(block: CsvBlock, start: number, firstRow: number): (readonly string[])[] {
    const { records, isLast } = block;
    const width = this.#header!.length;
    const found: (readonly string[])[] = [];
    for (let index = start; index < Math.min(start + CHUNK_ROWS, records.length); index++) {
      const fields = records[index]!;
      const isAfterLastLine = isLast && index === records.length - 1 && fields.length === 1 && fields[0] === '';
      if (isAfterLastLine || isBlank(fields, width)) continue;
      const mixed = this.#mixesLineEnds(fields);
      if (fields.length !== width || mixed) {
        const expected = fields.length === width ? 'one kind of line end' : `${width} fields, got ${fields.length}`;
        const hint = mixed ? ' (does the text mix LF and CRLF?)' : '';
        const details = { line: this.#lineOf(block, index), row: firstRow + found.length };
        throw this.error(`expected ${expected}${hint}`, details);
      }
      found.push(fields);
    }
    return found;
  }

  /** True if the parser, which splits records at one kind of line end, may have left another kind in a field. */
  #mixesLineEnds(fields: readonly string[]): boolean {
    if (this.#lineEnd === '\n') return fields.at(-1)!.endsWith('\r');
    return fields.length !== this.#header!.length && fields.some((field) => field.includes('\n'));
  }

  /** Line on which a record of a block starts, from 1. */
  #lineOf({ records, start }: CsvBlock, index: number): number {
    const before = countLines([this.#text.slice(0, start)]);
    return records.slice(0, index).reduce((line, fields) => line + countLines(fields), before);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw this.error('expected text in UTF-8, got other bytes');
    }
  }
}

/** The first line (from 1) of more than `most` characters, or undefined. */
function longLine(text: string, most: number): number | undefined {
  if (text.length <= most) return undefined;
  let line = 1;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== LF && code !== CR) {
      if (at - start >= most) return line;
      continue;
    }
    if (code === LF && text.charCodeAt(at - 1) === CR) line--; // CRLF is one line end.
    line++;
    start = at + 1;
  }
  return undefined;
}

const LF = 0x0a;
const CR = 0x0d;

function lengthOf(fields: readonly string[]): number {
  return fields.reduce((length, field) => length + field.length + 1, -1);
}
