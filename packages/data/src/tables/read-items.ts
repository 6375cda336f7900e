import { ItemRows, type ItemTable, type ItemTableOptions } from '../rows/item-rows.js';
import { readTable } from './read-table.js';

/**
 * Reads a table of items: `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.ndjson` or `.json`.
 *
 * @throws {@link TableError} if the file or a column is missing, there is no row, or an id is empty.
 */
export async function readItems<const Column extends string = never>(
  file: string,
  options: ItemTableOptions<Column> = {},
): Promise<ItemTable<Column>> {
  const rows = new ItemRows(options);
  await readTable('readItems', file, rows, options);
  return rows.build();
}
