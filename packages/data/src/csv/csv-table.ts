import papaparse from 'papaparse';
import { findColumn } from '../rows/find-column.js';
import { numberOf } from '../rows/number-cell.js';
import { TableError } from '../rows/table-error.js';
import { rowTooLong, type TableLimits, tableLimits, tooManyColumns, tooManyRows } from '../rows/table-limits.js';
import type { CellProblem, TableChunk, TableRows } from '../rows/table-rows.js';
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
  readonly #header: readonly string[];
  /** The records after the header, blank lines included. */
  readonly #records: readonly (readonly string[])[];
  readonly #lineEnd: string;

  constructor(
    where: string,
    csv: CsvSource,
    { name = 'CSV text', delimiter = ',' }: CsvOptions,
    limits: Required<TableLimits>,
  ) {
    this.#where = where;
    this.#name = name;
    const text = typeof csv === 'string' ? csv.replace(/^\ufeff/, '') : this.#decode(csv);
    if (text === '') throw this.error('expected a table, got an empty text');
    // Every line is part of one row, so a line that is too long needs no parsing, which would fill the memory.
    const long = longLine(text, limits.maxRowLength);
    if (long !== undefined) throw this.error(rowTooLong(limits, 'characters'), { line: long });
    const { data, errors, meta } = papaparse.parse<string[]>(text, { delimiter });
    this.#header = data[0] ?? [];
    this.#records = data.slice(1);
    this.#lineEnd = meta.linebreak;
    const problem = tooManyColumns(this.#header.length, limits);
    if (problem !== undefined) throw this.error(problem, { line: 1 });
    const index = data.findIndex((fields) => lengthOf(fields) > limits.maxRowLength);
    if (index >= 0) throw this.error(rowTooLong(limits, 'characters'), { line: this.#lineOf(index - 1) });
    const [malformed] = errors;
    if (malformed !== undefined) {
      const line = this.#lineOf((malformed.row ?? 0) - 1);
      throw this.error(`expected fields quoted as in RFC 4180, got: ${malformed.message}`, { line });
    }
  }

  *read({ ids, texts, numbers }: TableRows): Generator<TableChunk> {
    const [idsAt, textsAt, numbersAt] = [ids, texts, numbers].map((names) =>
      names.map((name) => findColumn(this.#where, this.#name, this.#header, name)),
    ) as [number[], number[], number[]];
    let firstRow = 1;
    for (let start = 0; start < this.#records.length; start += CHUNK_ROWS) {
      const cells = this.#dataRows(start, Math.min(start + CHUNK_ROWS, this.#records.length), firstRow);
      yield {
        firstRow,
        rows: cells.length,
        ids: idsAt.map((column) => cells.map((fields) => fields[column] || null)),
        texts: textsAt.map((column) => cells.map((fields) => fields[column] || null)),
        numbers: numbersAt.map((column) => cells.map((fields) => numberOf(fields[column]!))),
        rawNumber: (column, row) => cells[row]![numbersAt[column]!] || null,
      };
      firstRow += cells.length;
    }
  }

  error(problem: string, details: { readonly line?: number; readonly row?: number } = {}): TableError {
    return new TableError(this.#where, this.#name, problem, details);
  }

  errorAt({ row, column, problem }: CellProblem): TableError {
    let rows = 0;
    const index = this.#records.findIndex((fields) => !isBlank(fields, this.#header.length) && ++rows === row);
    return new TableError(this.#where, this.#name, problem, { row, column, line: this.#lineOf(index) });
  }

  /** The records from `start` to `end` without blank lines. */
  #dataRows(start: number, end: number, firstRow: number): (readonly string[])[] {
    const width = this.#header.length;
    const found: (readonly string[])[] = [];
    for (let index = start; index < end; index++) {
      const fields = this.#records[index]!;
      // The parser returns one more record after the last line end, even for a table of one column.
      const afterLastLine = index === this.#records.length - 1 && fields.length === 1 && fields[0] === '';
      if (afterLastLine || isBlank(fields, width)) continue;
      const mixed = this.#mixesLineEnds(fields);
      if (fields.length !== width || mixed) {
        const expected = fields.length === width ? 'one kind of line end' : `${width} fields, got ${fields.length}`;
        const hint = mixed ? ' (does the text mix LF and CRLF?)' : '';
        const details = { line: this.#lineOf(index), row: firstRow + found.length };
        throw this.error(`expected ${expected}${hint}`, details);
      }
      found.push(fields);
    }
    return found;
  }

  /** True if the parser, which splits records at one kind of line end, may have left another kind in a field. */
  #mixesLineEnds(fields: readonly string[]): boolean {
    if (this.#lineEnd === '\n') return fields.at(-1)!.endsWith('\r');
    return fields.length !== this.#header.length && fields.some((field) => field.includes('\n'));
  }

  /** Line on which a record starts, from 1. @param index −1 for the header */
  #lineOf(index: number): number {
    const before = index < 0 ? [] : [this.#header, ...this.#records.slice(0, index)];
    return before.reduce((lines, fields) => lines + countLines(fields), 1);
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
