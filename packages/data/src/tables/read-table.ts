import { TableError } from '../rows/table-error.js';
import { type TableLimits, tableLimits, tooManyRows } from '../rows/table-limits.js';
import type { TableRows } from '../rows/table-rows.js';
import { DuckDbTable } from './duckdb-table.js';
import { JsonTable } from './json-table.js';
import { checkTableFile } from './table-file.js';

/**
 * Feeds the data rows of a table file to `rows`. To add a format, see "Adding a format" in the README.
 *
 * @throws {@link TableError} if the file is missing, unreadable, empty, malformed or beyond a limit, or a cell cannot
 *   be used.
 */
export async function readTable(where: string, file: string, rows: TableRows, options: TableLimits): Promise<void> {
  const limits = tableLimits(where, options);
  try {
    await readRows(where, file, rows, limits);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new TableError(where, file, `expected a file that can be read, got ${error.message}`, {}, { cause: error });
  }
}

async function readRows(where: string, file: string, rows: TableRows, limits: Required<TableLimits>): Promise<void> {
  const kind = await checkTableFile(where, file);
  const table =
    kind === 'jsonl' || kind === 'json'
      ? new JsonTable(where, file, kind, limits)
      : await DuckDbTable.open(where, file, kind, limits);
  try {
    for await (const chunk of table.read(rows)) {
      if (rows.length + chunk.rows > limits.maxRows) throw new TableError(where, file, tooManyRows(limits));
      const problem = rows.add(chunk);
      if (problem !== undefined) throw await table.errorAt(problem);
    }
    if (rows.length === 0) throw new TableError(where, file, 'expected at least one row, got none');
  } finally {
    table.close();
  }
}
