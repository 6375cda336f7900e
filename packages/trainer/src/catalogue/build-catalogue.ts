import type { Ragged } from '@sifaka/data';
import { joinFields, type TokenFormat } from '@sifaka/encoders';
import {
  type BrokenImage,
  decodeImages,
  type ImageProcessor,
  TextTokenizer,
  type Tokenizer,
} from '@sifaka/encoders/node';
import { type Catalogue, columnRow, type ImageColumn, type TextColumn } from './catalogue.js';

/** Raw content of an item. Each part may be missing. */
export interface RawItem {
  /** A short text. Queries are made of titles if the samples have no queries. */
  readonly title?: string | undefined;
  /** Further text, such as genres and a description. */
  readonly text?: string | undefined;
  /** Path of an image file. */
  readonly image?: string | undefined;
}

export interface BuildCatalogueOptions {
  /** Items whose texts train the tokenizer: those with an event in train. */
  readonly vocabularyItems: ArrayLike<number>;
  /** Outside id of each item, as in the samples. Lets `train` check that contents and samples belong together. */
  readonly itemIds?: readonly string[];
  /** Texts of the samples' queries by query id (`samples.queries`), for `content.query: 'samples'`. Default: none. */
  readonly queries?: readonly string[];
  /** The category ids of each item, ascending, for SIM's hard search. Default: none. */
  readonly categories?: Ragged;
  /**
   * Ids of queries whose texts also train the tokenizer: those of the samples in train. Equal texts count once, −1 is
   * skipped. Default: none.
   */
  readonly vocabularyQueries?: ArrayLike<number>;
  /** A tokenizer to use instead of a new one: of a checkpoint, for resuming and serving, or a published one. */
  readonly tokenizer?: Tokenizer;
  /** Default 4096. */
  readonly vocabularySize?: number;
  /** The image processor of a published encoder, which determines size and resampling. Default: images are stretched. */
  readonly imageProcessor?: ImageProcessor;
  /** In pixels. Default 48, with the default width the shape of a poster; with an `imageProcessor` its height. */
  readonly imageHeight?: number;
  /** In pixels. Default 32; with an `imageProcessor` its width. */
  readonly imageWidth?: number;
  /** Maximum number of tokens of a document: title, separator and text together, without tokens at the ends. Default 16. */
  readonly documentLength?: number;
  /** Maximum number of tokens of a title, in documents and in queries. Default 8. */
  readonly titleLength?: number;
  /** Maximum number of tokens of a query. Default 10, as in LEMUR (Table 1). */
  readonly queryLength?: number;
  /** File that keeps the decoded images between runs. Default: none. */
  readonly imageCacheFile?: string;
  /** Reports how many images are decoded. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called if the cache cannot be read or written. Images are then decoded. Default: `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
  /** Ends the work early; {@link buildCatalogue} then throws its reason. */
  readonly signal?: AbortSignal;
}

export interface BuiltCatalogue {
  readonly catalogue: Catalogue;
  readonly tokenizer: Tokenizer;
  /** Items with each kind of content, for the report. */
  readonly counts: {
    readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
    readonly texts: { readonly ok: number; readonly missing: number };
  };
  readonly brokenImages: readonly BrokenImage[];
}

/**
 * Decodes the images and tokenizes the texts of a whole catalogue. Missing or broken images and missing texts are
 * counted.
 *
 * @throws RangeError for an impossible option, a vocabulary item or query that does not exist, `itemIds` of another
 * length, an image size that is not that of `imageProcessor`, or a title, text or image path that is not text, by its
 * index; the signal's reason if it is aborted.
 */
export async function buildCatalogue(
  items: readonly RawItem[],
  options: BuildCatalogueOptions,
): Promise<BuiltCatalogue> {
  const { imageProcessor, vocabularySize = 4096, documentLength = 16, titleLength = 8, queryLength = 10 } = options;
  const { height, width } = imageProcessor?.size ?? { height: 48, width: 32 };
  const { imageHeight = height, imageWidth = width } = options;
  for (const [name, value] of Object.entries({
    imageHeight,
    imageWidth,
    documentLength,
    titleLength,
    queryLength,
  })) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`buildCatalogue: expected ${name} to be a whole number from 1, got ${value}`);
    }
  }
  if (imageProcessor !== undefined && (imageHeight !== height || imageWidth !== width)) {
    const expected = `images of ${height} × ${width}, as the processor of ${imageProcessor.name} makes them`;
    throw new RangeError(`buildCatalogue: expected ${expected}, got ${imageHeight} × ${imageWidth}`);
  }
  assertRawItems(items, options);
  const documents = items.map(({ title, text }) => [title, text].filter((part) => part?.trim()).join(' '));
  const tokenizer =
    options.tokenizer ??
    (await TextTokenizer.train(
      [...Array.from(options.vocabularyItems, (item) => documents[item]!), ...trainedQueries(options)].filter(Boolean),
      { vocabularySize, ...(options.signal && { signal: options.signal }) },
    ));
  assertRoom(tokenizer.format, { documentLength, titleLength, queryLength });
  const images = await decodeImages(
    items.map(({ image }) => image),
    {
      size: imageProcessor ?? { width: imageWidth, height: imageHeight },
      ...(options.imageCacheFile === undefined ? {} : { cacheFile: options.imageCacheFile }),
      ...(options.onProgress && { onProgress: options.onProgress }),
      ...(options.onWarning && { onWarning: options.onWarning }),
      ...(options.signal && { signal: options.signal }),
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
  const queries = options.queries && (await queryColumn(tokenizer, options.queries, queryLength));
  const missingTexts = documents.filter((text) => text === '').length;
  return {
    catalogue: {
      size: items.length,
      ...(options.itemIds && { itemIds: options.itemIds }),
      vocabularySize: tokenizer.vocabularySize,
      format: tokenizer.format,
      images: column,
      documents: joinColumns([titles, texts], tokenizer.format, documentLength),
      titles,
      ...(queries && { queries }),
      ...(options.categories && { categories: options.categories }),
    },
    tokenizer,
    counts: { images: images.counts, texts: { ok: items.length - missingTexts, missing: missingTexts } },
    brokenImages: images.broken,
  };
}

function assertRawItems(
  items: readonly RawItem[],
  { vocabularyItems, itemIds, categories }: Pick<BuildCatalogueOptions, 'vocabularyItems' | 'itemIds' | 'categories'>,
): void {
  const described = categories === undefined ? items.length : categories.offsets.length - 1;
  if (described !== items.length) {
    throw new RangeError(`buildCatalogue: expected categories of ${items.length} items, got ${described}`);
  }
  if (itemIds !== undefined && itemIds.length !== items.length) {
    throw new RangeError(`buildCatalogue: expected ${items.length} itemIds, one per item, got ${itemIds.length}`);
  }
  items.forEach((item, index) => {
    for (const name of ['title', 'text', 'image'] as const) {
      const value: unknown = item[name];
      if (value === undefined || typeof value === 'string') continue;
      throw new RangeError(`buildCatalogue: item ${index}: expected ${name} to be text, got ${typeof value}`);
    }
  });
  const strange = Array.from(vocabularyItems).find((item) => items[item] === undefined);
  if (strange !== undefined) {
    throw new RangeError(`buildCatalogue: expected vocabularyItems below ${items.length}, got ${strange}`);
  }
}

/** @throws RangeError if texts and the tokens at their ends are longer than the rows of the tokenizer's model. */
function assertRoom({ start, end, fixedLength }: TokenFormat, lengths: Readonly<Record<string, number>>): void {
  if (fixedLength === undefined) return;
  const room = fixedLength - start.length - end.length;
  for (const [name, value] of Object.entries(lengths)) {
    if (value <= room) continue;
    throw new RangeError(`buildCatalogue: expected ${name} of at most ${room}, as the tokenizer has it, got ${value}`);
  }
}

async function textColumn(tokenizer: Tokenizer, texts: readonly string[], maxLength: number): Promise<TextColumn> {
  return { ...(await tokenizer.encodeBatch(texts, { maxLength })), maxLength };
}

/** Tokenizes equal texts once. A query id names one submission, so many ids can have the same text. */
async function queryColumn(tokenizer: Tokenizer, texts: readonly string[], maxLength: number): Promise<TextColumn> {
  const distinct = [...new Set(texts)];
  const indexOf = new Map(distinct.map((text, index) => [text, index]));
  const column = await textColumn(tokenizer, distinct, maxLength);
  const ids = new Int32Array(texts.length * maxLength);
  const lengths = new Int32Array(texts.length);
  texts.forEach((text, id) => {
    const index = indexOf.get(text)!;
    ids.set(column.ids.subarray(index * maxLength, (index + 1) * maxLength), id * maxLength);
    lengths[id] = column.lengths[index]!;
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

/** Documents: each title, and the separator and the text if the item has one, cut at `maxLength`. */
function joinColumns(
  [titles, texts]: readonly [TextColumn, TextColumn],
  format: TokenFormat,
  maxLength: number,
): TextColumn {
  const documents = Array.from(titles.lengths, (_, item) => [columnRow(titles, item), columnRow(texts, item)]);
  const fixedLength = maxLength;
  const { ids, lengths } = joinFields(documents, { ...format, start: [], end: [], fixedLength }, maxLength);
  return { ids, lengths, maxLength };
}
