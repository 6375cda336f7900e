import { ItemRows, type ItemTable, type ItemTableOptions } from '../rows/item-rows.js';
import { type CsvOptions, type CsvSource, readCsv } from './csv-table.js';

export interface ParseItemsOptions<Column extends string> extends ItemTableOptions<Column>, CsvOptions {}

/**
 * Reads a table of items from CSV text, as `readItems` of `@sifaka/data/tables` does from a file. Runs in a browser.
 *
 * @throws {@link TableError} with line and row if the text is malformed, a column is missing, there is no row, or an id
 *   is empty.
 */
export function parseItems<const Column extends string = never>(
  csv: CsvSource,
  options: ParseItemsOptions<Column> = {},
): ItemTable<Column> {
  const rows = new ItemRows(options);
  readCsv('parseItems', csv, options, rows);
  return rows.build();
}
