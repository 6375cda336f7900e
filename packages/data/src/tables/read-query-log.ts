import { QueryRows, type QueryTable, type QueryTableOptions } from '../rows/query-rows.js';
import { readTable } from './read-table.js';

/**
 * Reads a table of queries, or of texts that stand for queries, such as MovieLens's `tags.csv`
 * (`columns: { item: 'movieId', text: 'tag' }`). Formats as in {@link readInteractions}.
 *
 * @throws {@link TableError} with file, line and row if the file or a column is missing, there is no row, or a
 *   timestamp is not a number within `timestampRange`.
 */
export async function readQueryLog(file: string, options: QueryTableOptions): Promise<QueryTable> {
  const rows = new QueryRows(options);
  await readTable('readQueryLog', file, rows, options);
  return rows.build();
}
