import { type BuildInteractionsOptions, InteractionBuilder } from '../samples/interaction-builder.js';
import type { Interactions } from '../samples/interactions.js';
import { idText } from '../samples/outside-id.js';
import { describeBadTime, isWithin, SENSIBLE_TIMES, type TimestampRange } from '../samples/timestamp-range.js';
import { printable, quoted } from './quoted.js';
import type { TableLimits } from './table-limits.js';
import { badId, type CellProblem, type TableChunk, type TableRows } from './table-rows.js';

/** Options for a table of events. */
export interface InteractionTableOptions extends BuildInteractionsOptions, TableLimits {
  /** The table's names for the four columns. */
  readonly columns?: {
    /** Default `'userId'`. */
    readonly user?: string;
    /** Default `'itemId'`. */
    readonly item?: string;
    /**
     * Default `'rating'`. Null for a table of plain events (clicks, views): every event then has rating 1 and counts
     * as liked by default.
     */
    readonly rating?: string | null;
    /**
     * Unix seconds, or a Parquet date or timestamp. Default `'timestamp'`. Null for a table without times: its rows
     * must then be in the order of time, and {@link Interactions.untimed} is set. No row counts as repeated.
     */
    readonly timestamp?: string | null;
  };
  /** Unix seconds, both ends included. Default 1990-01-01 to 2100-01-01: catches milliseconds and swapped columns. */
  readonly timestampRange?: TimestampRange;
}

/** The events of a table. */
export interface InteractionTable {
  readonly interactions: Interactions;
  readonly counts: {
    /** Rows of the table. */
    readonly rows: number;
    /** Rows left out because an earlier one has the same user, item and timestamp. */
    readonly duplicates: number;
    /** Events kept although their item is not in `itemIds`; 0 without `itemIds`. */
    readonly unknownItems: number;
  };
}

/** Checks the rows of a table of events and builds interactions from them. */
export class InteractionRows implements TableRows {
  readonly ids: readonly [user: string, item: string];
  readonly texts: readonly string[] = [];
  readonly numbers: readonly string[];
  readonly #timestamp: string | null;
  readonly #rating: string | null;
  readonly #builder = new InteractionBuilder();
  readonly #timestampRange: TimestampRange;
  readonly #options: BuildInteractionsOptions;
  #length = 0;

  constructor({ columns = {}, timestampRange = SENSIBLE_TIMES, ...options }: InteractionTableOptions) {
    const { user = 'userId', item = 'itemId', rating = 'rating', timestamp = 'timestamp' } = columns;
    this.ids = [user, item];
    this.#timestamp = timestamp;
    this.#rating = rating;
    this.numbers = [timestamp, rating].filter((name) => name !== null);
    this.#timestampRange = timestampRange;
    this.#options = options;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: TableChunk): CellProblem | undefined {
    const [user, item] = this.ids;
    const timestamp = this.#timestamp;
    const rating = this.#rating;
    const [users, items] = chunk.ids;
    const ratingColumn = timestamp === null ? 0 : 1;
    for (let i = 0; i < chunk.rows; i++) {
      const row = chunk.firstRow + i;
      const userId = idText(users![i]);
      const itemId = idText(items![i]);
      const time = timestamp === null ? row : chunk.numbers[0]![i]!;
      const value = rating === null ? 1 : chunk.numbers[ratingColumn]![i]!;
      if (userId === undefined) return badId(row, user, users![i]);
      if (itemId === undefined) return badId(row, item, items![i]);
      if (rating !== null && (value === null || !Number.isFinite(value))) {
        const problem = `expected a number in ${printable(rating)}, got ${quoted(chunk.rawNumber(ratingColumn, i))}`;
        return { row, column: rating, problem };
      }
      if (timestamp !== null && !isWithin(time, this.#timestampRange)) {
        const problem = describeBadTime(time, timestamp, chunk.rawNumber(0, i), this.#timestampRange);
        return { row, column: timestamp, problem };
      }
      this.#builder.add(userId, itemId, value, time);
    }
    this.#length += chunk.rows;
    return undefined;
  }

  build(): InteractionTable {
    const { interactions, counts } = this.#builder.build(this.#options);
    return {
      interactions: {
        ...interactions,
        ...(this.#rating === null && { implicit: true }),
        ...(this.#timestamp === null && { untimed: true }),
      },
      counts: { rows: this.#length, ...counts },
    };
  }
}
