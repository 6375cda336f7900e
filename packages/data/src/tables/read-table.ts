import { TableError } from '../rows/table-error.js';
import type { TableRows } from '../rows/table-rows.js';
import { DuckDbTable } from './duckdb-table.js';
import { checkTableFile } from './table-file.js';

/**
 * Feeds the data rows of a table file to `rows`. To add a format, see "Adding a format" in the README.
 *
 * @throws {@link TableError} if the file is missing, empty or malformed, or a cell cannot be used.
 */
export async function readTable(where: string, file: string, rows: TableRows): Promise<void> {
  const kind = await checkTableFile(where, file);
  const table = await DuckDbTable.open(where, file, kind);
  try {
    for await (const chunk of table.read(rows)) {
      const problem = rows.add(chunk);
      if (problem !== undefined) throw await table.errorAt(problem);
    }
    if (rows.length === 0) throw new TableError(where, file, 'expected at least one row, got none');
  } finally {
    table.close();
  }
}
