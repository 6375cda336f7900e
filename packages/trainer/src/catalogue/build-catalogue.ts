import { type BrokenImage, decodeImages, TextTokenizer } from '@sifaka/encoders/node';
import type { Catalogue, ImageColumn, TextColumn } from './catalogue.js';

/** An item as a catalogue has it: everything may be missing. */
export interface RawItem {
  /** A short text; queries are made of it where the samples have none. */
  readonly title?: string | undefined;
  /** What else there is to read: genres, description. */
  readonly text?: string | undefined;
  /** Path of an image file. */
  readonly image?: string | undefined;
}

export interface BuildCatalogueOptions {
  /** Items whose texts the tokenizer may learn from: those with an event in train. */
  readonly vocabularyItems: ArrayLike<number>;
  /** Texts of the samples' queries, by query id (`samples.queries`), for `content.query: 'samples'`. Default: the catalogue has none. */
  readonly queries?: readonly string[];
  /**
   * Ids of queries whose texts the tokenizer may learn from too: those of the samples in train, never of others. Equal texts count once; −1 is
   * passed over. Default: none.
   */
  readonly vocabularyQueries?: ArrayLike<number>;
  /** A trained tokenizer instead of a new one (resuming, serving). */
  readonly tokenizer?: TextTokenizer;
  /** Default 4096. */
  readonly vocabularySize?: number;
  /** Default 48 × 32, the shape of a poster. */
  readonly imageHeight?: number;
  readonly imageWidth?: number;
  /** Tokens of title and text that the document encoder reads at most. Default 16. */
  readonly documentLength?: number;
  /** Tokens of a title that are read at most, in documents and in queries; a long title leaves the text its room. Default 8. */
  readonly titleLength?: number;
  /** Tokens of a query that are read at most. Default 10, LEMUR's (Table 1). */
  readonly queryLength?: number;
  /** Keeps the decoded images between runs. Default: none. */
  readonly imageCacheFile?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BuiltCatalogue {
  readonly catalogue: Catalogue;
  readonly tokenizer: TextTokenizer;
  /** For the report. */
  readonly counts: {
    readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
    readonly texts: { readonly ok: number; readonly missing: number };
  };
  readonly brokenImages: readonly BrokenImage[];
}

/**
 * Decodes images and tokenizes texts of a whole catalogue. A missing or broken image, or a missing text, is counted and training goes on.
 *
 * @throws RangeError for a vocabulary query without a text.
 */
export async function buildCatalogue(
  items: readonly RawItem[],
  options: BuildCatalogueOptions,
): Promise<BuiltCatalogue> {
  const { imageHeight = 48, imageWidth = 32, vocabularySize = 4096, documentLength = 16, titleLength = 8 } = options;
  const documents = items.map(({ title, text }) => [title, text].filter((part) => part?.trim()).join(' '));
  const tokenizer =
    options.tokenizer ??
    (await TextTokenizer.train(
      [...Array.from(options.vocabularyItems, (item) => documents[item]!), ...trainedQueries(options)].filter(Boolean),
      { vocabularySize },
    ));
  const images = await decodeImages(
    items.map(({ image }) => image),
    {
      size: { width: imageWidth, height: imageHeight },
      ...(options.imageCacheFile === undefined ? {} : { cacheFile: options.imageCacheFile }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    },
  );
  const column: ImageColumn = {
    pixels: images.pixels,
    height: imageHeight,
    width: imageWidth,
    present: images.status.map((status) => (status === 1 ? 1 : 0)),
  };
  const titles = await textColumn(
    tokenizer,
    items.map(({ title }) => title ?? ''),
    titleLength,
  );
  const texts = await textColumn(
    tokenizer,
    items.map(({ text }) => text ?? ''),
    documentLength,
  );
  const queries = options.queries && (await queryColumn(tokenizer, options.queries, options.queryLength ?? 10));
  const missingTexts = documents.filter((text) => text === '').length;
  return {
    catalogue: {
      size: items.length,
      vocabularySize: tokenizer.vocabularySize,
      classification: tokenizer.classification,
      separator: tokenizer.separator,
      images: column,
      documents: joinColumns(titles, texts, documentLength),
      titles,
      ...(queries && { queries }),
    },
    tokenizer,
    counts: { images: images.counts, texts: { ok: items.length - missingTexts, missing: missingTexts } },
    brokenImages: images.broken,
  };
}

async function textColumn(tokenizer: TextTokenizer, texts: readonly string[], maxLength: number): Promise<TextColumn> {
  return { ...(await tokenizer.encodeBatch(texts, { maxLength })), maxLength };
}

/** Tokenizes equal texts once: one text stands under several ids where a query is one submission. */
async function queryColumn(tokenizer: TextTokenizer, texts: readonly string[], maxLength: number): Promise<TextColumn> {
  const distinct = [...new Set(texts)];
  const placeOf = new Map(distinct.map((text, place) => [text, place]));
  const column = await textColumn(tokenizer, distinct, maxLength);
  const ids = new Int32Array(texts.length * maxLength);
  const lengths = new Int32Array(texts.length);
  texts.forEach((text, id) => {
    const place = placeOf.get(text)!;
    ids.set(column.ids.subarray(place * maxLength, (place + 1) * maxLength), id * maxLength);
    lengths[id] = column.lengths[place]!;
  });
  return { ids, lengths, maxLength };
}

function trainedQueries({ queries = [], vocabularyQueries = [] }: BuildCatalogueOptions): Set<string> {
  const texts = new Set<string>();
  for (const id of Array.from(vocabularyQueries)) {
    if (id === -1) continue;
    const text = queries[id];
    if (text === undefined) {
      throw new RangeError(`buildCatalogue: expected vocabularyQueries below ${queries.length}, got ${id}`);
    }
    texts.add(text);
  }
  return texts;
}

/** Each row of the first column followed by that of the second, cut at `maxLength`. */
function joinColumns(first: TextColumn, second: TextColumn, maxLength: number): TextColumn {
  const items = first.lengths.length;
  const ids = new Int32Array(items * maxLength);
  const lengths = new Int32Array(items);
  for (let item = 0; item < items; item++) {
    const row = [first, second].flatMap((column) => {
      const start = item * column.maxLength;
      return Array.from(column.ids.subarray(start, start + column.lengths[item]!));
    });
    lengths[item] = Math.min(row.length, maxLength);
    ids.set(row.slice(0, maxLength), item * maxLength);
  }
  return { ids, lengths, maxLength };
}
