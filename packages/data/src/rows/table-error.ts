import { printable } from './quoted.js';

const MARKER = Symbol.for('@sifaka/data/TableError');

export interface TableErrorDetails {
  /** Line of the file, from 1, header included, as an editor shows it. Absent for Parquet and for JSON arrays. */
  readonly line?: number;
  /** Data row, from 1. The header and blank lines do not count; a record that spans lines counts once. */
  readonly row?: number;
  readonly column?: string;
  /** The columns of the table, if it lacks `column` or has it twice. */
  readonly columns?: readonly string[];
}

/** A table cannot be read, or one of its cells cannot be used. */
export class TableError extends Error {
  override readonly name = 'TableError';
  /** The file, or the name of the text. */
  readonly file: string;
  readonly line: number | undefined;
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly columns: readonly string[] | undefined;

  constructor(
    where: string,
    file: string,
    problem: string,
    { line, row, column, columns }: TableErrorDetails = {},
    options?: ErrorOptions,
  ) {
    const position = [line === undefined ? '' : `line ${line}`, row === undefined ? '' : `row ${row}`].filter(Boolean);
    super(`${where}: ${printable(problem)} (${[printable(file), ...position].join(', ')})`, options);
    this.file = file;
    this.line = line;
    this.row = row;
    this.column = column;
    this.columns = columns;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a TableError of any installed copy of this package. */
  static isInstance(error: unknown): error is TableError {
    return error instanceof Error && MARKER in error;
  }
}
