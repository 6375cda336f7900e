import { InteractionRows, type InteractionTable, type InteractionTableOptions } from '../rows/interaction-rows.js';
import { readTable } from './read-table.js';

/**
 * Reads a table of events: `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.ndjson` or `.json`. Ids are kept as strings; dense
 * ids are in the order of {@link InteractionBuilder}.
 *
 * @throws {@link TableError} with file, line and row if the file or a column is missing, there is no row, an id is
 *   empty, a rating is not a number, or a timestamp is not a number within `timestampRange`.
 */
export async function readInteractions(file: string, options: InteractionTableOptions = {}): Promise<InteractionTable> {
  const rows = new InteractionRows(options);
  await readTable('readInteractions', file, rows, options);
  return rows.build();
}
