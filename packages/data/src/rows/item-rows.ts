import { idText } from '../samples/outside-id.js';
import type { TableLimits } from './table-limits.js';
import { badId, type CellProblem, type TableChunk, type TableRows } from './table-rows.js';

/** Options for a table of items. */
export interface ItemTableOptions<Column extends string> extends TableLimits {
  /** The id column. Default `'itemId'`. */
  readonly id?: string;
  /** The columns to read, as strings. Default: none, only ids. */
  readonly text?: readonly Column[];
}

/** The items of a table. */
export interface ItemTable<Column extends string> {
  /** In the table's order, distinct. */
  readonly ids: string[];
  /** One array per column, as long as `ids`; undefined for an empty cell. */
  readonly columns: Record<Column, (string | undefined)[]>;
  readonly counts: {
    /** Rows of the table. */
    readonly rows: number;
    /** Rows left out because an earlier one has the same id. */
    readonly duplicates: number;
  };
}

/** Checks the rows of a table of items and collects them. */
export class ItemRows<Column extends string> implements TableRows {
  readonly ids: readonly [id: string];
  readonly texts: readonly string[];
  readonly numbers: readonly string[] = [];
  readonly #text: readonly Column[];
  readonly #known = new Set<string>();
  readonly #values: (string | undefined)[][];
  #length = 0;

  constructor({ id = 'itemId', text = [] }: ItemTableOptions<Column>) {
    this.ids = [id];
    this.texts = text;
    this.#text = text;
    this.#values = text.map(() => []);
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: TableChunk): CellProblem | undefined {
    const [column] = this.ids;
    const [ids] = chunk.ids;
    for (let i = 0; i < chunk.rows; i++) {
      const id = idText(ids![i]);
      if (id === undefined) return badId(chunk.firstRow + i, column, ids![i]);
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      for (const [k, texts] of chunk.texts.entries()) this.#values[k]!.push(texts[i] ?? undefined);
    }
    this.#length += chunk.rows;
    return undefined;
  }

  build(): ItemTable<Column> {
    const entries = this.#text.map((name, k) => [name, this.#values[k]!]);
    return {
      ids: [...this.#known],
      columns: Object.fromEntries(entries) as ItemTable<Column>['columns'],
      counts: { rows: this.#length, duplicates: this.#length - this.#known.size },
    };
  }
}
