import { TableError } from '../rows/table-error.js';

export interface ReadItemsOptions<Column extends string> {
  /** The id column. Default `'itemId'`. */
  readonly id?: string;
  /** The columns to read, as strings. Default: none, only ids. */
  readonly text?: readonly Column[];
}

export interface ItemTable<Column extends string> {
  /** In the file's order, distinct. */
  readonly ids: string[];
  /** One array per column, as long as `ids`; undefined where the cell is empty. */
  readonly columns: Record<Column, (string | undefined)[]>;
  readonly counts: {
    /** Rows of the file. */
    readonly rows: number;
    /** Rows left out because an earlier one has the same id. */
    readonly duplicates: number;
  };
}

/**
 * Reads a table of items: `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.ndjson` or `.json`. Node only (DuckDB).
 *
 * @throws {@link TableError} if the file or a column is missing, there is no row, or an id is empty.
 */
export async function readItems<const Column extends string = never>(
  file: string,
  { id = 'itemId', text = [] }: ReadItemsOptions<Column> = {},
): Promise<ItemTable<Column>> {
  const { DuckDbTable } = await import('./duckdb-table.js'); // Node only, hence not loaded with the package
  const table = await DuckDbTable.open('readItems', file);
  try {
    const ids = new Set<string>();
    const values: (string | undefined)[][] = text.map(() => []);
    let rows = 0;
    for await (const chunk of table.read([id, ...text], [])) {
      const [chunkIds, ...chunkTexts] = chunk.texts;
      for (let i = 0; i < chunk.rows; i++) {
        const itemId = chunkIds![i]!;
        if (itemId === null)
          throw await table.errorAt(chunk.firstRow + i, id, `expected an id in ${id}, got an empty cell`);
        if (ids.has(itemId)) continue;
        ids.add(itemId);
        for (const [k, column] of chunkTexts.entries()) values[k]!.push(column[i] ?? undefined);
      }
      rows += chunk.rows;
    }
    if (rows === 0) throw new TableError('readItems', file, 'expected at least one row, got none');
    const columns = Object.fromEntries(text.map((name, k) => [name, values[k]!])) as ItemTable<Column>['columns'];
    return { ids: [...ids], columns, counts: { rows, duplicates: rows - ids.size } };
  } finally {
    table.close();
  }
}
