import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { TableError } from '../rows/table-error.js';
import { checkTableFile, csvHeader, delimiterOf, lineOfRow, type TableKind } from './table-file.js';

export interface TableChunk {
  /** Data row (from 1) of the chunk's first row. */
  readonly firstRow: number;
  readonly rows: number;
  /** One array per text column asked for; null where the cell is empty. */
  readonly texts: readonly (readonly (string | null)[])[];
  /** One array per number column asked for; null where the cell is not a number. */
  readonly numbers: readonly (readonly (number | null)[])[];
  /** What a number column's cell says, for messages. */
  rawNumber(column: number, row: number): string | null;
}

interface Column {
  readonly name: string;
  /** The column in SQL. */
  readonly sql: string;
  readonly type: string;
}

/** One table file, read by an in-memory DuckDB of its own. Rows come in the file's order. Call {@link DuckDbTable.close}. */
export class DuckDbTable {
  readonly file: string;
  readonly #where: string;
  readonly #kind: TableKind;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #columns: readonly Column[] = [];
  #source = '';

  private constructor(
    where: string,
    file: string,
    kind: TableKind,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
  ) {
    this.#where = where;
    this.file = file;
    this.#kind = kind;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** @param where the caller's name, for messages. @throws {@link TableError} if the file is missing, empty or unreadable. */
  static async open(where: string, file: string): Promise<DuckDbTable> {
    const kind = await checkTableFile(where, file);
    // CSV, JSON and Parquet are built into DuckDB's npm binaries; nothing may be fetched behind the user's back.
    const offline = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
    const instance = await DuckDBInstance.create(':memory:', offline);
    const table = new DuckDbTable(where, file, kind, instance, await instance.connect());
    try {
      await table.#findColumns();
      return table;
    } catch (error) {
      table.close();
      throw error;
    }
  }

  /** Chunks of about 2,048 rows. @throws {@link TableError} if a column is missing or the file is malformed. */
  async *read(texts: readonly string[], numbers: readonly string[]): AsyncGenerator<TableChunk> {
    const asText = (column: Column) => `CAST(${column.sql} AS VARCHAR)`;
    const numberColumns = numbers.map((name) => this.#column(name));
    const expressions = [
      ...texts.map((name) => asText(this.#column(name))),
      ...numberColumns.map((column) =>
        /^(TIMESTAMP|DATE)/.test(column.type) ? `epoch(${column.sql})` : `TRY_CAST(${column.sql} AS DOUBLE)`,
      ),
      ...numberColumns.map(asText),
    ];
    try {
      const result = await this.#connection.stream(`SELECT ${expressions.join(', ')} FROM ${this.#source}`);
      let firstRow = 1;
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const data = chunk;
        const numbersAt = texts.length;
        const rawAt = numbersAt + numbers.length;
        yield {
          firstRow,
          rows: data.rowCount,
          texts: texts.map((_, i) => data.getColumnValues(i) as (string | null)[]),
          numbers: numbers.map((_, i) => data.getColumnValues(numbersAt + i) as (number | null)[]),
          rawNumber: (column, row) => data.getColumnVector(rawAt + column).getItem(row) as string | null,
        };
        firstRow += data.rowCount;
      }
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** An error about one cell, with the line looked up. */
  async errorAt(row: number, column: string, problem: string): Promise<TableError> {
    const line = await lineOfRow(this.file, this.#kind, row);
    return new TableError(this.#where, this.file, problem, { row, column, ...(line === undefined ? {} : { line }) });
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #findColumns(): Promise<void> {
    const kind = this.#kind;
    const path = quote(this.file.replace(/[[*?]/g, '[$&]')); // DuckDB takes a path for a glob
    if (kind === 'csv' || kind === 'tsv') {
      // Columns go by position, so that a header with repeated names, or names that differ in case only, still reads.
      const header = await csvHeader(this.file, kind);
      this.#columns = header.map((name, i) => ({ name, sql: `c${i}`, type: 'VARCHAR' }));
      const types = this.#columns.map(({ sql }) => `${sql}: 'VARCHAR'`).join(', ');
      this.#source = `read_csv(${path}, auto_detect=false, header=true, columns={${types}}, delim=${quote(delimiterOf(kind))},
        quote='"', escape='"', comment='', skip=0, hive_partitioning=false)`;
    } else if (kind === 'parquet') {
      this.#source = `read_parquet(${path}, hive_partitioning=false)`;
      this.#columns = await this.#describe(this.#source);
    } else {
      const options = `format=${quote(kind === 'jsonl' ? 'newline_delimited' : 'auto')}, hive_partitioning=false`;
      const columns = await this.#describe(`read_json(${path}, ${options}, sample_size=-1, maximum_depth=1)`);
      // As text throughout: ids that are numbers in one row and strings in the next stay what they are.
      this.#columns = columns.map((column) => ({ ...column, type: 'VARCHAR' }));
      const types = columns.map(({ name }) => `${quote(name)}: 'VARCHAR'`).join(', ');
      this.#source = `read_json(${path}, ${options}, columns={${types}})`;
    }
  }

  async #describe(source: string): Promise<readonly Column[]> {
    try {
      const rows = (await this.#connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRowsJS();
      return rows.map(([name, type]) => {
        return { name: String(name), type: String(type), sql: `"${String(name).replaceAll('"', '""')}"` };
      });
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #column(name: string): Column {
    const [column, second] = this.#columns.filter((candidate) => candidate.name === name);
    const found = this.#columns.map((candidate) => candidate.name).join(', ');
    if (column === undefined || second !== undefined) {
      const problem = `expected ${second ? 'one' : 'a'} column ${JSON.stringify(name)}, found columns: ${found}`;
      throw new TableError(this.#where, this.file, problem, { column: name });
    }
    return column;
  }

  /** DuckDB's message without the advice and settings that follow its first lines. */
  #translate(error: unknown): unknown {
    if (!(error instanceof Error) || TableError.isInstance(error)) return error;
    const [head = ''] = error.message.split(/\n\s*Possible |\n\s+file = |\nLINE \d/, 1);
    const lines = head.trim().split(/\n+/);
    const line = /CSV Error on Line: (\d+)/.exec(head)?.[1];
    if (line !== undefined) {
      // Between the line's number and the reason stands the line itself, however long.
      return new TableError(this.#where, this.file, lines.at(-1)!, { line: Number(line) });
    }
    const hint = head.includes('invalid state') ? ' (does the file mix LF and CRLF?)' : '';
    return new TableError(this.#where, this.file, `${lines.join(' ').replace(/^[\w ]+ Error: /, '')}${hint}`);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
