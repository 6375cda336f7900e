import type { Batch } from '@sifaka/data';
import type { TokenBatch, TokenFormat } from '@sifaka/encoders';
import { type Catalogue, columnRow, endTokens, tokenBatch } from '../catalogue/catalogue.js';
import type { ContentOptions, QuerySource } from './options.js';

/** The options that determine the queries of a batch. */
export interface QueryOptions extends Pick<ContentOptions, 'queryItems'> {
  readonly query: QuerySource;
}

/** The distinct queries of a batch, and the query of each row. */
export interface QueryTexts {
  /** Each distinct query once. */
  readonly text: TokenBatch;
  /** `[B]`: index of each row's query among the distinct ones. */
  readonly queryOf: Int32Array;
  /**
   * `[B]`: 0 for a row without a query. Its text is the tokens at the ends of every text, such as the classification
   * token; the id of padding if there are none. So all such rows have one learned vector.
   */
  readonly hasQuery: Uint8Array;
  /** `[B]`: LEMUR's QID. SQDC never contrasts rows of one QID; −1 belongs to no other row. */
  readonly qids: Int32Array;
}

/** The query of one row. Rows with one key have the same query. */
interface RowQuery {
  readonly key: string;
  readonly exists: boolean;
  readonly tokens: readonly number[];
}

/**
 * Reads the query of each row of a batch.
 *
 * - `'samples'`: the text of the row's query id, as in LEMUR's search. QID is the query id. A row has no query if its
 *   query id is −1 or its text has no token.
 * - `'likedTitles'`: the titles of the `queryItems` items that the user liked last, each followed by the separator
 *   (the last one by the tokens that end a text, if there are such tokens). QID is the session. A row has no query if
 *   its user has no liked item or these titles have no token.
 *
 * Rows are as long as the longest of the batch: the query tower is our own, so `format.fixedLength` does not bind it.
 */
export function readQueries(
  catalogue: Catalogue,
  batch: Pick<Batch, 'size' | 'queries' | 'sessions' | 'histories'>,
  options: QueryOptions,
): QueryTexts {
  const format = queryFormat(catalogue);
  // A row needs a token. One of padding alone would depend on how long the other rows of its batch are.
  const isBare = endTokens({ format }) === 0;
  const withToken = (text: readonly number[]) => (isBare && text.length === 0 ? [format.padding] : text);
  const bySample = options.query === 'samples';
  const rowQueries = bySample
    ? sampleQueries(catalogue, batch.queries)
    : likedTitles(catalogue, batch, options.queryItems);
  const indexOf = new Map<string, number>();
  const texts: (readonly number[])[] = [];
  const queryOf = Int32Array.from(rowQueries, ({ key, tokens }) => {
    const index = indexOf.get(key) ?? texts.length;
    if (index === texts.length) {
      indexOf.set(key, index);
      texts.push(tokens);
    }
    return index;
  });
  return {
    text: tokenBatch({ format }, texts.map(withToken), queryTokens(catalogue, options)),
    queryOf,
    hasQuery: Uint8Array.from(rowQueries, ({ exists }) => (exists ? 1 : 0)),
    qids: bySample ? batch.queries : batch.sessions,
  };
}

/** The longest query in tokens, without the special tokens at its ends. */
export function queryTokens({ titles, queries, format }: Catalogue, { query, queryItems }: QueryOptions): number {
  return query === 'samples' ? queries!.maxLength : queryItems * (titles.maxLength + format.between.length);
}

/** The format of the catalogue's texts, for rows of any length. */
export function queryFormat({ format }: Pick<Catalogue, 'format'>): TokenFormat {
  const { fixedLength: _, ...free } = format;
  return free;
}

/** @throws RangeError if the model reads the samples' queries and the catalogue has no query texts. */
export function assertCatalogueQueries(
  where: string,
  catalogue: Catalogue,
  options: Pick<ContentOptions, 'query'> | undefined,
): void {
  if (options?.query !== 'samples' || catalogue.queries !== undefined) return;
  throw new RangeError(
    `${where}: expected a catalogue with queries where content.query is 'samples', got none ` +
      '(pass queries: samples.queries to buildCatalogue)',
  );
}

/**
 * @throws RangeError if the model reads the samples' queries and a query id of the batch has no text in the catalogue.
 */
export function assertBatchQueries(
  where: string,
  batch: Batch,
  catalogue: Catalogue,
  options: Pick<ContentOptions, 'query'> | undefined,
): void {
  if (options?.query !== 'samples') return;
  const known = catalogue.queries!.lengths.length;
  const unknown = batch.queries.find((id) => !(id >= -1 && id < known));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: expected query ids from -1 to ${known - 1}, got ${unknown}`);
  }
}

function sampleQueries(catalogue: Catalogue, queries: Int32Array): RowQuery[] {
  return Array.from(queries, (id) => {
    const tokens = id < 0 ? [] : columnRow(catalogue.queries!, id);
    return { key: tokens.join(), exists: tokens.length > 0, tokens };
  });
}

function likedTitles(
  catalogue: Catalogue,
  { size, histories }: Pick<Batch, 'size' | 'histories'>,
  queryItems: number,
): RowQuery[] {
  const { items, length } = histories['liked']!;
  return Array.from({ length: size }, (_, row) => {
    const start = row * length;
    const recent = Array.from(items.subarray(start, start + Math.min(queryItems, length))).filter((item) => item >= 0);
    const tokens = listTitles(catalogue, recent);
    const exists = tokens.length > 0;
    return { key: exists ? recent.join() : '', exists, tokens };
  });
}

function listTitles({ titles, format: { between, end } }: Catalogue, items: readonly number[]): readonly number[] {
  return items.flatMap((item, i) => {
    const isEnded = i === items.length - 1 && end.length > 0;
    return [...columnRow(titles, item), ...(isEnded ? [] : between)];
  });
}
