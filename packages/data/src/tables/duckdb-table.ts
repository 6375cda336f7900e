import path from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { findColumn } from '../rows/find-column.js';
import { TableError, type TableErrorDetails } from '../rows/table-error.js';
import { rowTooLong, type TableLimits, tooManyColumns } from '../rows/table-limits.js';
import type { CellProblem, TableChunk, TableRows } from '../rows/table-rows.js';
import { type CsvFile, csvHeader, csvLineOfRow, LongRowError } from './csv-file.js';
import { asId, asNumber, asText, lengthOf, quote, type SqlColumn } from './sql-columns.js';

/** The kinds of tables that DuckDB reads. */
export type DuckDbKind = 'csv' | 'tsv' | 'parquet';

/** One table file, read by its own in-memory DuckDB, in the file's order. Call `close` after use. */
export class DuckDbTable {
  readonly file: string;
  readonly #where: string;
  readonly #kind: DuckDbKind;
  readonly #limits: Required<TableLimits>;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #columns: readonly SqlColumn[] = [];
  #source = '';

  private constructor(
    where: string,
    file: string,
    kind: DuckDbKind,
    limits: Required<TableLimits>,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
  ) {
    this.#where = where;
    this.file = file;
    this.#kind = kind;
    this.#limits = limits;
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * @param where the caller's name, for messages
   * @throws {@link TableError} if the file is malformed, or DuckDB is not installed.
   */
  static async open(
    where: string,
    file: string,
    kind: DuckDbKind,
    limits: Required<TableLimits>,
  ): Promise<DuckDbTable> {
    const { DuckDBInstance } = await importDuckDb(where, file);
    // CSV and Parquet are built into DuckDB's npm binaries. It must not download extensions.
    const offline = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
    const instance = await DuckDBInstance.create(':memory:', offline);
    const table = new DuckDbTable(where, file, kind, limits, instance, await instance.connect());
    try {
      await table.#findColumns();
      return table;
    } catch (error) {
      table.close();
      throw error;
    }
  }

  /** Chunks of about 2,048 rows. @throws {@link TableError} if a column is missing or the file is malformed. */
  async *read({ ids, texts, numbers }: TableRows): AsyncGenerator<TableChunk> {
    const numberColumns = numbers.map((name) => this.#column(name));
    const length =
      this.#kind === 'parquet' ? lengthOf([...ids, ...texts, ...numbers].map((name) => this.#column(name))) : '0';
    const expressions = [
      ...ids.map((name) => asId(this.#column(name))),
      ...texts.map((name) => asText(this.#column(name))),
      ...numberColumns.map(asNumber),
      ...numberColumns.map(asText),
      // Ends the query before the texts of a long row leave DuckDB.
      `CASE WHEN ${length} > ${this.#limits.maxRowLength} THEN error('${LONG_ROW}') END`,
    ];
    try {
      const result = await this.#connection.stream(`SELECT ${expressions.join(', ')} FROM ${this.#source}`);
      const textsAt = ids.length;
      const numbersAt = textsAt + texts.length;
      const rawAt = numbersAt + numbers.length;
      let firstRow = 1;
      while (true) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield {
          firstRow,
          rows: chunk.rowCount,
          ids: ids.map((_, i) => chunk.getColumnValues(i) as (string | number | null)[]),
          texts: texts.map((_, i) => chunk.getColumnValues(textsAt + i) as (string | null)[]),
          numbers: numbers.map((_, i) => chunk.getColumnValues(numbersAt + i) as (number | null)[]),
          rawNumber: (column, row) => chunk.getColumnVector(rawAt + column).getItem(row) as string | null,
        };
        firstRow += chunk.rowCount;
      }
    } catch (error) {
      if (error instanceof Error && error.message.includes(LONG_ROW)) throw await this.#longRow(length);
      throw this.#translate(error);
    }
  }

  /** The error about the first row of a Parquet file that is too long. @param length of a row, in SQL */
  async #longRow(length: string): Promise<TableError> {
    const numbered = `SELECT row_number() OVER () AS row, ${length} AS length FROM ${this.#source}`;
    const query = `SELECT row FROM (${numbered}) WHERE length > ${this.#limits.maxRowLength} ORDER BY row LIMIT 1`;
    const [first] = (await this.#connection.runAndReadAll(query)).getRowsJS();
    return this.#error(rowTooLong(this.#limits, 'bytes'), { row: Number(first![0]) });
  }

  /** An error about one cell, with its line. */
  async errorAt({ row, column, problem }: CellProblem): Promise<TableError> {
    const line = this.#kind === 'parquet' ? undefined : await csvLineOfRow(this.#csvFile(this.#kind), row);
    return new TableError(this.#where, this.file, problem, { row, column, ...(line === undefined ? {} : { line }) });
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #findColumns(): Promise<void> {
    const kind = this.#kind;
    const literal = literalPath(this.file);
    if (literal === undefined) throw this.#error('expected a path without a backslash beside *, ? or [');
    const from = quote(literal);
    if (kind === 'csv' || kind === 'tsv') {
      // Columns go by index, because DuckDB refuses repeated names and names that differ in case only.
      const csv = this.#csvFile(kind);
      const header = await this.#header(csv);
      this.#columns = header.map((name, i) => ({ name, sql: `c${i}`, type: 'VARCHAR' }));
      const types = this.#columns.map(({ sql }) => `${sql}: 'VARCHAR'`).join(', ');
      this.#source = `read_csv(${from}, auto_detect=false, header=true, columns={${types}}, quote='"', escape='"',
        delim=${quote(csv.delimiter)}, comment='', skip=0, hive_partitioning=false, max_line_size=${csv.maxRowLength})`;
    } else {
      this.#source = `read_parquet(${from}, hive_partitioning=false)`;
      this.#columns = await this.#describe(this.#source);
    }
    const problem = tooManyColumns(this.#columns.length, this.#limits);
    if (problem !== undefined) throw this.#error(problem);
  }

  async #header(csv: CsvFile): Promise<readonly string[]> {
    try {
      return await csvHeader(csv);
    } catch (error) {
      if (error instanceof LongRowError) throw this.#error(rowTooLong(this.#limits, 'bytes'), { line: 1 });
      throw error;
    }
  }

  #csvFile(kind: 'csv' | 'tsv'): CsvFile {
    const delimiter = kind === 'csv' ? ',' : '\t';
    return { file: this.file, delimiter, maxRowLength: this.#limits.maxRowLength };
  }

  #error(problem: string, details?: TableErrorDetails): TableError {
    return new TableError(this.#where, this.file, problem, details);
  }

  async #describe(source: string): Promise<readonly SqlColumn[]> {
    try {
      const rows = (await this.#connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRowsJS();
      return rows.map(([name, type]) => {
        return { name: String(name), type: String(type), sql: `"${String(name).replaceAll('"', '""')}"` };
      });
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #column(name: string): SqlColumn {
    const names = this.#columns.map((column) => column.name);
    return this.#columns[findColumn(this.#where, this.file, names, name)]!;
  }

  /** DuckDB's message without the advice and settings that follow its first lines. */
  #translate(error: unknown): unknown {
    if (!(error instanceof Error) || TableError.isInstance(error)) return error;
    const [head = ''] = error.message.split(/\n\s*Possible |\n\s+file = |\nLINE \d/, 1);
    const lines = head.trim().split(/\n+/);
    const line = /CSV Error on Line: (\d+)/.exec(head)?.[1];
    if (head.includes('Maximum line size of')) {
      return this.#error(rowTooLong(this.#limits, 'bytes'), line === undefined ? {} : { line: Number(line) });
    }
    if (line !== undefined) {
      // DuckDB quotes the whole line between its number and the reason.
      return this.#error(lines.at(-1)!, { line: Number(line) });
    }
    const hint = head.includes('invalid state') ? ' (does the file mix LF and CRLF?)' : '';
    return this.#error(`${lines.join(' ').replace(/^[\w ]+ Error: /, '')}${hint}`);
  }
}

/** DuckDB's error about a row of a Parquet file that is too long. */
const LONG_ROW = 'sifaka: row too long';

async function importDuckDb(where: string, file: string): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const problem = missing
      ? 'expected the package @duckdb/node-api, which is not installed. Try: npm install @duckdb/node-api'
      : `@duckdb/node-api does not load: ${(cause as Error).message}`;
    throw new TableError(where, file, problem, {}, { cause });
  }
}

/**
 * A path that DuckDB takes as it is. It expands `~`, reads `*`, `?` and `[` as a pattern, and divides patterns at
 * backslashes, which cannot be escaped.
 *
 * @returns undefined if there is none.
 */
function literalPath(file: string): string | undefined {
  const absolute = path.resolve(file);
  if (!/[[*?]/.test(absolute)) return absolute;
  if (path.sep === '/' && absolute.includes('\\')) return undefined;
  return absolute.replace(/[[*?]/g, '[$&]');
}
