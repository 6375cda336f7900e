import papaparse from 'papaparse';

/** Some records of CSV text, one after the other. */
export interface CsvBlock {
  /** The fields of each record. A blank line has one empty field. */
  readonly records: readonly (readonly string[])[];
  /** Offset of the first record in the text. */
  readonly start: number;
  /**
   * Whether the text ends here. After a line end at the end of the text, the last record is one empty field, which is
   * no line.
   */
  readonly isLast: boolean;
  /** Length of the text after the last record, up to where the parser has read: of a record without its end. */
  readonly unfinished: number;
  /** The first malformed field: the index of its record, and what is wrong. */
  readonly malformed: { readonly record: number; readonly message: string } | undefined;
}

/** What papaparse's parser returns; its types say `any`. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly row?: number; readonly message: string }[];
  readonly meta: { readonly cursor: number };
}

/** In characters. Records can take forty times the memory of their text, so they exist for one block at a time. */
const BLOCK = 2 ** 16;
/** Length of the text that shows the kind of line end. */
const BEGINNING = 2 ** 20;

/** The kind of line end of a text: the first one that stands outside quotes decides. */
export function lineEndOf(text: string, delimiter: string): string {
  return papaparse.parse(text.slice(0, BEGINNING), { delimiter, preview: 1 }).meta.linebreak;
}

/**
 * Parses CSV text block by block. A block whose record is longer than the block is empty, and the next one is larger.
 *
 * @param lineEnd between records, from {@link lineEndOf}
 */
export function* csvBlocks(text: string, delimiter: string, lineEnd: string): Generator<CsvBlock> {
  const parser = new papaparse.Parser({ delimiter, newline: lineEnd as '\n' | '\r' | '\r\n' });
  let start = 0;
  for (let size = BLOCK; ; ) {
    const end = Math.min(text.length, start + size);
    const isLast = end === text.length;
    const { data, errors, meta } = parser.parse(text.slice(start, end), 0, !isLast) as Parsed;
    // The cut can make quotes of the unfinished record look malformed. It is parsed again.
    const error = errors.find(({ row = 0 }) => isLast || row < data.length);
    yield {
      records: data,
      start,
      isLast,
      unfinished: isLast ? 0 : end - start - meta.cursor,
      malformed: error && { record: error.row ?? 0, message: error.message },
    };
    if (isLast) return;
    size = data.length === 0 ? 2 * size : BLOCK;
    start += meta.cursor;
  }
}
