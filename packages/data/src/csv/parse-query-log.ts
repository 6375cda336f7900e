import { QueryRows, type QueryTable, type QueryTableOptions } from '../rows/query-rows.js';
import { type CsvOptions, type CsvSource, readCsv } from './csv-table.js';

export interface ParseQueryLogOptions extends QueryTableOptions, CsvOptions {}

/**
 * Reads a table of queries from CSV text, as `readQueryLog` of `@sifaka/data/tables` does from a file. Runs in a
 * browser.
 *
 * @throws {@link TableError} with line and row if the text is malformed, a column is missing, there is no row, or a
 *   timestamp is not a number within `timestampRange`.
 */
export function parseQueryLog(csv: CsvSource, options: ParseQueryLogOptions): QueryTable {
  const rows = new QueryRows(options);
  readCsv('parseQueryLog', csv, options, rows);
  return rows.build();
}
