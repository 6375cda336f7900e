import type { Batch } from '@sifaka/data';
import type { TokenBatch } from '@sifaka/encoders';
import { type Catalogue, columnRow, tokenBatch } from '../catalogue/catalogue.js';
import type { ContentOptions } from './options.js';

/** What of the options decides which queries a batch asks. */
export type QueryOptions = Pick<ContentOptions, 'query' | 'queryItems'>;

/** The distinct queries of a batch, and which row asks which. */
export interface QueryTexts {
  /** Each distinct query once, however many rows ask it. */
  readonly text: TokenBatch;
  /** `[B]`: which of the distinct queries each row asks. */
  readonly queryOf: Int32Array;
  /** `[B]`: 0 for a row that asks nothing; its text is the classification token alone, so its vector is learned from those like it. */
  readonly hasQuery: Uint8Array;
  /** `[B]`: LEMUR's QID, whose rows SQDC does not hold against each other; −1 is nobody's. */
  readonly qids: Int32Array;
}

/** One row's query: rows of one key ask the same. */
interface Asked {
  readonly key: string;
  readonly exists: boolean;
  readonly tokens: () => readonly number[];
}

/**
 * Reads what each row of a batch asks.
 *
 * `'samples'`: the text of the row's query id, LEMUR's search; a row of id −1, or of a text without a token, asks nothing. QID is the
 * query id. `'likedTitles'`: the titles of the `queryItems` items that the user liked last, each ended by the separator, which is the
 * item-to-item form that LEMUR's authors use in recommendation; a user who liked nothing yet asks nothing. QID is the session.
 */
export function readQueries(
  catalogue: Catalogue,
  batch: Pick<Batch, 'queries' | 'sessions' | 'history' | 'historyLength'>,
  options: QueryOptions,
): QueryTexts {
  const bySample = options.query === 'samples';
  const asked = bySample ? sampleQueries(catalogue, batch.queries) : likedTitles(catalogue, batch, options.queryItems);
  const places = new Map<string, number>();
  const rows: (readonly number[])[] = [];
  const queryOf = Int32Array.from(asked, ({ key, tokens }) => {
    const place = places.get(key) ?? rows.length;
    if (place === rows.length) {
      places.set(key, place);
      rows.push(tokens());
    }
    return place;
  });
  return {
    text: tokenBatch(catalogue, rows, queryTextLength(catalogue, options)),
    queryOf,
    hasQuery: Uint8Array.from(asked, ({ exists }) => (exists ? 1 : 0)),
    qids: bySample ? batch.queries : batch.sessions,
  };
}

/** Longest query in tokens, the classification token included. */
export function queryTextLength(catalogue: Catalogue, { query, queryItems }: QueryOptions): number {
  return 1 + (query === 'samples' ? catalogue.queries!.maxLength : queryItems * (catalogue.titles.maxLength + 1));
}

/** @throws RangeError if queries are the samples' and the catalogue has no texts of them. */
export function assertCatalogueQueries(where: string, catalogue: Catalogue, options: QueryOptions | undefined): void {
  if (options?.query !== 'samples' || catalogue.queries !== undefined) return;
  throw new RangeError(
    `${where}: expected a catalogue with queries where content.query is 'samples', got none (buildCatalogue takes samples.queries)`,
  );
}

/** @throws RangeError if queries are the samples' and a query id of the batch has no text in the catalogue. */
export function assertBatchQueries(
  where: string,
  batch: Batch,
  catalogue: Catalogue,
  options: QueryOptions | undefined,
): void {
  if (options?.query !== 'samples') return;
  const known = catalogue.queries!.lengths.length;
  const stranger = batch.queries.find((id) => !(id >= -1 && id < known));
  if (stranger !== undefined) {
    throw new RangeError(`${where}: expected query ids from -1 to ${known - 1}, got ${stranger}`);
  }
}

function sampleQueries(catalogue: Catalogue, queries: Int32Array): Asked[] {
  return Array.from(queries, (id) => {
    const tokens = id < 0 ? [] : columnRow(catalogue.queries!, id);
    return { key: tokens.join(), exists: tokens.length > 0, tokens: () => tokens };
  });
}

function likedTitles(
  catalogue: Catalogue,
  { history, historyLength }: Pick<Batch, 'history' | 'historyLength'>,
  queryItems: number,
): Asked[] {
  return Array.from({ length: history.length / historyLength }, (_, row) => {
    const start = row * historyLength;
    const recent = Array.from(history.subarray(start, start + Math.min(queryItems, historyLength))).filter(
      (item) => item >= 0,
    );
    return {
      key: recent.join(),
      exists: recent.length > 0,
      tokens: () => recent.flatMap((item) => [...columnRow(catalogue.titles, item), catalogue.separator]),
    };
  });
}
