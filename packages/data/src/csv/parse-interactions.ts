import { InteractionRows, type InteractionTable, type InteractionTableOptions } from '../rows/interaction-rows.js';
import { type CsvOptions, type CsvSource, readCsv } from './csv-table.js';

export interface ParseInteractionsOptions extends InteractionTableOptions, CsvOptions {}

/**
 * Reads a table of events from CSV text, as `readInteractions` of `@sifaka/data/tables` does from a file. Runs in a
 * browser.
 *
 * @throws {@link TableError} with line and row if the text is malformed, a column is missing, there is no row, an id is
 *   empty, a rating is not a number, or a timestamp is not a number within `timestampRange`.
 */
export function parseInteractions(csv: CsvSource, options: ParseInteractionsOptions = {}): InteractionTable {
  const rows = new InteractionRows(options);
  readCsv('parseInteractions', csv, options, rows);
  return rows.build();
}
