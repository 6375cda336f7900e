import { TableError } from '../rows/table-error.js';
import { type BuildInteractionsOptions, InteractionBuilder } from '../samples/interaction-builder.js';
import type { Interactions } from '../samples/interactions.js';
import { describeBadTime, SENSIBLE_TIMES, type TimestampRange } from '../samples/timestamp-range.js';

export interface ReadInteractionsOptions extends BuildInteractionsOptions {
  /** The table's names for the four columns. */
  readonly columns?: {
    /** Default `'userId'`. */
    readonly user?: string;
    /** Default `'itemId'`. */
    readonly item?: string;
    /** Default `'rating'`. Null for a table of plain events (clicks, views): every rating is then 1. */
    readonly rating?: string | null;
    /** Unix seconds, or a Parquet date or timestamp. Default `'timestamp'`. */
    readonly timestamp?: string;
  };
  /** Unix seconds, both ends included. Default 1990-01-01 to 2100-01-01: catches milliseconds and swapped columns. */
  readonly timestampRange?: TimestampRange;
}

export interface ReadInteractionsOutput {
  readonly interactions: Interactions;
  readonly counts: {
    /** Rows of the file. */
    readonly rows: number;
    /** Rows left out because an earlier one has the same user, item and timestamp. */
    readonly duplicates: number;
    /** Events kept whose item is not in `itemIds`; 0 without `itemIds`. */
    readonly unknownItems: number;
  };
}

/**
 * Reads a table of events: `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.ndjson` or `.json`. Node only (DuckDB). Ids are kept as
 * strings; the order of dense ids is that of {@link InteractionBuilder}.
 *
 * @throws {@link TableError} with file, line and row if the file or a column is missing, there is no row, an id is empty, a
 * rating is not a number, or a timestamp is not a number within `timestampRange`.
 */
export async function readInteractions(
  file: string,
  { columns = {}, timestampRange = SENSIBLE_TIMES, ...options }: ReadInteractionsOptions = {},
): Promise<ReadInteractionsOutput> {
  const { user = 'userId', item = 'itemId', rating = 'rating', timestamp = 'timestamp' } = columns;
  const { DuckDbTable } = await import('./duckdb-table.js'); // Node only, hence not loaded with the package
  const table = await DuckDbTable.open('readInteractions', file);
  try {
    const builder = new InteractionBuilder();
    const numbers = rating === null ? [timestamp] : [timestamp, rating];
    let rows = 0;
    for await (const chunk of table.read([user, item], numbers)) {
      const [users, items] = chunk.texts as [(string | null)[], (string | null)[]];
      const [times, ratings] = chunk.numbers as [(number | null)[], (number | null)[] | undefined];
      for (let i = 0; i < chunk.rows; i++) {
        const userId = users[i]!;
        const itemId = items[i]!;
        const time = times[i]!;
        const value = ratings === undefined ? 1 : ratings[i]!;
        const row = chunk.firstRow + i;
        if (userId === null) throw await table.errorAt(row, user, `expected an id in ${user}, got an empty cell`);
        if (itemId === null) throw await table.errorAt(row, item, `expected an id in ${item}, got an empty cell`);
        if (!isNumber(value)) {
          const problem = `expected a number in ${rating}, got ${JSON.stringify(chunk.rawNumber(1, i))}`;
          throw await table.errorAt(row, rating!, problem);
        }
        if (!isNumber(time) || time < timestampRange[0] || time > timestampRange[1]) {
          const problem = describeBadTime(time, timestamp, chunk.rawNumber(0, i), timestampRange);
          throw await table.errorAt(row, timestamp, problem);
        }
        builder.add(userId, itemId, value, time);
      }
      rows += chunk.rows;
    }
    if (rows === 0) throw new TableError('readInteractions', file, 'expected at least one row, got none');
    const { interactions, counts } = builder.build(options);
    return { interactions, counts: { rows, ...counts } };
  } finally {
    table.close();
  }
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}
