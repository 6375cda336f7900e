import { normalizeQuery } from '../queries/normalize-query.js';
import type { QueryLog } from '../queries/query-log.js';
import { IdIndex } from '../samples/id-index.js';
import { idText } from '../samples/outside-id.js';
import { describeBadTime, isWithin, SENSIBLE_TIMES, type TimestampRange } from '../samples/timestamp-range.js';
import type { TableLimits } from './table-limits.js';
import { badId, type CellProblem, type TableChunk, type TableRows } from './table-rows.js';

/** Options for a table of queries. */
export interface QueryTableOptions extends TableLimits {
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

/** The queries of a table. */
export interface QueryTable {
  readonly log: QueryLog;
  readonly counts: {
    /** Rows of the table. */
    readonly rows: number;
    /** Rows left out because their user has no interaction. */
    readonly unknownUsers: number;
    /** Rows kept with item −1 because their item is not in `itemIds`. */
    readonly unknownItems: number;
    /** Rows left out because their text is empty. */
    readonly emptyTexts: number;
  };
}

/** Checks the rows of a table of queries and builds a log from them. */
export class QueryRows implements TableRows {
  readonly ids: readonly string[];
  readonly texts: readonly [text: string];
  readonly numbers: readonly [timestamp: string];
  readonly #timestampRange: TimestampRange;
  readonly #userIndex: IdIndex;
  readonly #itemIndex: IdIndex;
  readonly #users: number[] = [];
  readonly #items: number[] = [];
  readonly #queries: string[] = [];
  readonly #timestamps: number[] = [];
  readonly #counts = { unknownUsers: 0, unknownItems: 0, emptyTexts: 0 };
  #length = 0;

  constructor({ userIds, itemIds, columns = {}, timestampRange = SENSIBLE_TIMES }: QueryTableOptions) {
    const { user = 'userId', item = 'itemId', text = 'query', timestamp = 'timestamp' } = columns;
    this.ids = item === null ? [user] : [user, item];
    this.texts = [text];
    this.numbers = [timestamp];
    this.#timestampRange = timestampRange;
    this.#userIndex = new IdIndex('QueryTableOptions.userIds', userIds);
    this.#itemIndex = new IdIndex('QueryTableOptions.itemIds', itemIds);
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: TableChunk): CellProblem | undefined {
    const [timestamp] = this.numbers;
    const [texts] = chunk.texts;
    const [times] = chunk.numbers;
    for (let i = 0; i < chunk.rows; i++) {
      const time = times![i]!;
      if (!isWithin(time, this.#timestampRange)) {
        const problem = describeBadTime(time, timestamp, chunk.rawNumber(0, i), this.#timestampRange);
        return { row: chunk.firstRow + i, column: timestamp, problem };
      }
      const ids: (string | undefined)[] = [];
      for (const [k, column] of this.ids.entries()) {
        const cell = chunk.ids[k]![i];
        // An empty cell is the id of nobody: a search without an account, or on no item.
        const id = cell === null || cell === '' ? '' : idText(cell);
        if (id === undefined) return badId(chunk.firstRow + i, column, cell);
        ids.push(id);
      }
      const user = this.#userIndex.find(ids[0]!);
      const query = normalizeQuery(texts![i] ?? '');
      if (user < 0) this.#counts.unknownUsers++;
      else if (query === '') this.#counts.emptyTexts++;
      else {
        const item = ids[1] === undefined ? -1 : this.#itemIndex.find(ids[1]);
        if (item < 0 && ids[1] !== undefined) this.#counts.unknownItems++;
        this.#users.push(user);
        this.#items.push(item);
        this.#queries.push(query);
        this.#timestamps.push(time);
      }
    }
    this.#length += chunk.rows;
    return undefined;
  }

  build(): QueryTable {
    const log: QueryLog = {
      length: this.#queries.length,
      users: Int32Array.from(this.#users),
      items: Int32Array.from(this.#items),
      texts: this.#queries,
      timestamps: Float64Array.from(this.#timestamps),
    };
    return { log, counts: { rows: this.#length, ...this.#counts } };
  }
}
