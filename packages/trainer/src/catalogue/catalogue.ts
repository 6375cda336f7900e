import type { Ragged } from '@sifaka/data';
import { joinFields, type TokenBatch, type TokenFormat } from '@sifaka/encoders';

/** Number of token types of a document: one up to the title and what follows it, another for the text. */
export const DOCUMENT_TYPES = 2;

/** Token ids of one text per item (or query), without special tokens at its ends, padded to one length. */
export interface TextColumn {
  /** `[I · maxLength]` */
  readonly ids: Int32Array;
  /** `[I]`: number of tokens of each text, without padding. 0 for an item without text. */
  readonly lengths: Int32Array;
  readonly maxLength: number;
}

export interface ImageColumn {
  /** `[I, height, width, 3]` RGB bytes. Zeros where there is no image. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** `[I]`: 1 for an item with an image. */
  readonly present: Uint8Array;
}

/** The decoded images and tokenized texts of every item, by item id. */
export interface Catalogue {
  readonly size: number;
  /** Outside id of each item. If given, `train` refuses samples of other items, or of another order. */
  readonly itemIds?: readonly string[];
  readonly vocabularySize: number;
  /** The tokenizer's special tokens around texts, and between the title and the text of a document. */
  readonly format: TokenFormat;
  readonly images: ImageColumn;
  /** Texts that the content encoder reads: title, `format.between`, further text; the title alone without a text. */
  readonly documents: TextColumn;
  /** Short texts. Queries are made of them if the samples have no queries. */
  readonly titles: TextColumn;
  /** Texts of the samples' queries, by query id. Absent if no model reads them. */
  readonly queries?: TextColumn;
  /**
   * The category ids of each item, ascending, such as its genres: `ofItem` of a `categoryColumn` of @sifaka/data.
   * Absent if no reader searches for them.
   */
  readonly categories?: Ragged;
}

/** Inputs of the content encoder for `N` items. */
export interface ItemContents {
  readonly count: number;
  /** `[N, height, width, 3]` */
  readonly pixels: Uint8Array;
  /** `[N]` of 0 and 1 */
  readonly imagePresent: Float32Array;
  readonly text: TokenBatch;
}

/**
 * Gathers the content of items. Texts are the input of LEMUR's document encoder: title and text with the special tokens
 * around and between them, each token with its type. They are padded to the longest of them.
 */
export function readContents(catalogue: Catalogue, items: ArrayLike<number>): ItemContents {
  const { images, documents } = catalogue;
  const perImage = images.height * images.width * 3;
  const pixels = new Uint8Array(items.length * perImage);
  const imagePresent = new Float32Array(items.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    pixels.set(images.pixels.subarray(item * perImage, (item + 1) * perImage), i * perImage);
    imagePresent[i] = images.present[item]!;
  }
  const rows = Array.from(items, (item) => columnRow(documents, item));
  const text = tokenBatch(catalogue, rows, documents.maxLength);
  return { count: items.length, pixels, imagePresent, text: { ...text, types: typesOf(catalogue, items, text) } };
}

/** `[N · length]`: one type up to what stands between title and text, another for the text and what ends it. */
function typesOf(
  { format: { start, between, types }, documents, titles }: Catalogue,
  items: ArrayLike<number>,
  { length, lengths }: TokenBatch,
): Int32Array {
  const [title, text] = types;
  const all = new Int32Array(items.length * length);
  Array.from(items).forEach((item, row) => {
    const [from, to] = [row * length, row * length + lengths[row]!];
    const titleLength = titles.lengths[item]!;
    all.fill(title, from, to);
    if (documents.lengths[item]! > titleLength) all.fill(text, from + start.length + titleLength + between.length, to);
  });
  return all;
}

/** Token ids of one text, without padding. */
export function columnRow(column: TextColumn, item: number): number[] {
  const start = item * column.maxLength;
  return Array.from(column.ids.subarray(start, start + column.lengths[item]!));
}

/** Number of special tokens at the ends of a text. */
export function endTokens({ format }: Pick<Catalogue, 'format'>): number {
  return format.start.length + format.end.length;
}

/** The length of rows of texts of up to `longest` tokens, special tokens included. */
export function rowLength(catalogue: Pick<Catalogue, 'format'>, longest: number): number {
  return catalogue.format.fixedLength ?? longest + endTokens(catalogue);
}

/** Puts the special tokens around each row and pads the rows to the longest. @param limit of tokens without those */
export function tokenBatch(
  catalogue: Pick<Catalogue, 'format'>,
  rows: readonly (readonly number[])[],
  limit: number,
): TokenBatch {
  const fields = rows.map((row) => [row]);
  const { ids, length, lengths } = joinFields(fields, catalogue.format, limit + endTokens(catalogue));
  return { ids, length, lengths };
}
