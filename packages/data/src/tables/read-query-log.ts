import { normalizeQuery } from '../queries/normalize-query.js';
import type { QueryLog } from '../queries/query-log.js';
import { TableError } from '../rows/table-error.js';
import { describeBadTime, SENSIBLE_TIMES, type TimestampRange } from '../samples/timestamp-range.js';

export interface ReadQueryLogOptions {
  /** Dense user id → id in the table: `userIds` of the interactions. */
  readonly userIds: readonly string[];
  /** Dense item id → id in the table: `itemIds` of the interactions. */
  readonly itemIds: readonly string[];
  /** The table's names for the four columns. */
  readonly columns?: {
    /** Default `'userId'`. */
    readonly user?: string;
    /** Default `'itemId'`. Null for a log of plain searches: every item is then −1. */
    readonly item?: string | null;
    /** Default `'query'`. */
    readonly text?: string;
    /** Unix seconds, or a Parquet date or timestamp. Default `'timestamp'`. */
    readonly timestamp?: string;
  };
  /** Unix seconds, both ends included. Default 1990-01-01 to 2100-01-01. */
  readonly timestampRange?: TimestampRange;
}

export interface ReadQueryLogOutput {
  readonly log: QueryLog;
  readonly counts: {
    /** Rows of the file. */
    readonly rows: number;
    /** Rows left out because their user has no interaction. */
    readonly unknownUsers: number;
    /** Rows kept whose item is not in `itemIds`: their item is −1. */
    readonly unknownItems: number;
    /** Rows left out because their text is empty. */
    readonly emptyTexts: number;
  };
}

/**
 * Reads a table of queries, or of what stands for them, such as MovieLens's `tags.csv`
 * (`columns: { item: 'movieId', text: 'tag' }`). Formats as {@link readInteractions}; Node only (DuckDB).
 *
 * @throws {@link TableError} with file, line and row if the file or a column is missing, there is no row, or a timestamp is not a number
 *   within `timestampRange`.
 */
export async function readQueryLog(
  file: string,
  { userIds, itemIds, columns = {}, timestampRange = SENSIBLE_TIMES }: ReadQueryLogOptions,
): Promise<ReadQueryLogOutput> {
  const { user = 'userId', item = 'itemId', text = 'query', timestamp = 'timestamp' } = columns;
  const userOf = new Map(userIds.map((id, i) => [id, i]));
  const itemOf = new Map(itemIds.map((id, i) => [id, i]));
  const { DuckDbTable } = await import('./duckdb-table.js'); // Node only, hence not loaded with the package
  const table = await DuckDbTable.open('readQueryLog', file);
  try {
    const kept = { users: [] as number[], items: [] as number[], texts: [] as string[], timestamps: [] as number[] };
    let [rows, unknownUsers, unknownItems, emptyTexts] = [0, 0, 0, 0];
    for await (const chunk of table.read([user, text, ...(item === null ? [] : [item])], [timestamp])) {
      const [users, texts, items] = chunk.texts as [
        (string | null)[],
        (string | null)[],
        (string | null)[] | undefined,
      ];
      const times = chunk.numbers[0]!;
      for (let i = 0; i < chunk.rows; i++) {
        const time = times[i]!;
        if (time === null || !Number.isFinite(time) || time < timestampRange[0] || time > timestampRange[1]) {
          const problem = describeBadTime(time, timestamp, chunk.rawNumber(0, i), timestampRange);
          throw await table.errorAt(chunk.firstRow + i, timestamp, problem);
        }
        const userId = userOf.get(users[i] ?? '');
        const query = normalizeQuery(texts[i] ?? '');
        if (userId === undefined) unknownUsers++;
        else if (query === '') emptyTexts++;
        else {
          const itemId = items === undefined ? -1 : itemOf.get(items[i] ?? '');
          if (itemId === undefined) unknownItems++;
          kept.users.push(userId);
          kept.items.push(itemId ?? -1);
          kept.texts.push(query);
          kept.timestamps.push(time);
        }
      }
      rows += chunk.rows;
    }
    if (rows === 0) throw new TableError('readQueryLog', file, 'expected at least one row, got none');
    const log: QueryLog = {
      length: kept.texts.length,
      users: Int32Array.from(kept.users),
      items: Int32Array.from(kept.items),
      texts: kept.texts,
      timestamps: Float64Array.from(kept.timestamps),
    };
    return { log, counts: { rows, unknownUsers, unknownItems, emptyTexts } };
  } finally {
    table.close();
  }
}
