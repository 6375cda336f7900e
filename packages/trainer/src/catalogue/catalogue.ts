import type { Ragged } from '@sifaka/data';
import type { TokenBatch } from '@sifaka/encoders';

/** Number of token types of a document: 0 for the classification token, the title and the separator, 1 for the text. */
export const DOCUMENT_TYPES = 2;

/** Token ids of one text per item (or query), zero-padded to one length. */
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
  /** Token id that starts every text. */
  readonly classification: number;
  /** Token id between the title and the text of a document, and after each title of a query. */
  readonly separator: number;
  readonly images: ImageColumn;
  /** Texts that the content encoder reads: title, separator, further text. An item without text has no separator. */
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
 * Gathers the content of items. Texts are the input of LEMUR's document encoder: the classification token, then title
 * and text with the separator between them, each token with its type. They are padded to the longest of them.
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
  const text = tokenBatch(catalogue, rows, 1 + documents.maxLength);
  return { count: items.length, pixels, imagePresent, text: { ...text, types: typesOf(catalogue, text) } };
}

/** `[N · length]`: 0 up to a document's separator, 1 after it. Padding has the type of what it follows. */
function typesOf({ separator }: Catalogue, { ids, length }: TokenBatch): Int32Array {
  let type = 0;
  return ids.map((_, index) => {
    if (index % length === 0) type = 0;
    else if (ids[index - 1] === separator) type = 1;
    return type;
  });
}

/** Token ids of one text, without padding. */
export function columnRow(column: TextColumn, item: number): number[] {
  const start = item * column.maxLength;
  return Array.from(column.ids.subarray(start, start + column.lengths[item]!));
}

/** Puts the classification token before each row and pads the rows to the longest, of at most `limit` tokens. */
export function tokenBatch(catalogue: Catalogue, rows: readonly (readonly number[])[], limit: number): TokenBatch {
  const lengths = Int32Array.from(rows, (row) => Math.min(limit, row.length + 1));
  const length = lengths.reduce((longest, count) => Math.max(longest, count), 1);
  const ids = new Int32Array(rows.length * length);
  rows.forEach((row, i) => {
    ids[i * length] = catalogue.classification;
    ids.set(row.slice(0, length - 1), i * length + 1);
  });
  return { ids, length, lengths };
}
