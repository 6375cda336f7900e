import type { TokenBatch } from '../token-encoder.js';

/**
 * The tokens around and between the fields of a text, such as a title and a description: `start`, first field,
 * `between`, second field, …, `end`. Plain data, which a catalogue keeps beside the ids of each field.
 */
export interface TokenFormat {
  /** Before the first field: `[CLS]`, `<s>`, or none. */
  readonly start: readonly number[];
  /** Between two fields: `[SEP]`, `</s></s>`, or none. */
  readonly between: readonly number[];
  /** After the last field: `[SEP]`, `</s>`, `<|endoftext|>`, or none. */
  readonly end: readonly number[];
  /** Id of padding. */
  readonly padding: number;
  /**
   * Types of the first field and of later fields. What stands between or after fields has the type of the field before
   * it.
   */
  readonly types: readonly [first: number, later: number];
  /**
   * Length of every row, for models that read padding like other tokens (SigLIP). Default: rows are padded to the
   * longest of a batch.
   */
  readonly fixedLength?: number;
}

/**
 * Joins the fields of each text to one row and pads the rows to one length.
 *
 * The first `maxLength` tokens of a text are kept, and the tokens of `end` always: fields give way, the last one first.
 * A field that is empty keeps its place, so that the next one keeps its type; empty fields at the end take none.
 *
 * @param texts token ids of the fields of each text, without special tokens
 * @param maxLength longest row, in tokens, special tokens included
 * @throws RangeError if `maxLength` has no room for `start`, `end` and a token, or is longer than `fixedLength`.
 */
export function joinFields(
  texts: readonly (readonly ArrayLike<number>[])[],
  format: TokenFormat,
  maxLength: number,
): Required<TokenBatch> {
  const { padding, fixedLength } = format;
  const smallest = format.start.length + format.end.length + 1;
  const largest = fixedLength ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(maxLength) || maxLength < smallest || maxLength > largest) {
    const range = fixedLength === undefined ? `at least ${smallest}` : `${smallest} to ${fixedLength}`;
    throw new RangeError(`joinFields: expected a maxLength of ${range} tokens, got ${maxLength}`);
  }
  const rows = texts.map((fields) => joinRow(fields, format, maxLength));
  const length = fixedLength ?? rows.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
  const ids = new Int32Array(rows.length * length).fill(padding);
  const types = new Int32Array(rows.length * length);
  rows.forEach((row, i) => {
    ids.set(row.ids, i * length);
    types.set(row.types, i * length);
  });
  return { ids, length, lengths: Int32Array.from(rows, (row) => row.ids.length), types };
}

function joinRow(
  fields: readonly ArrayLike<number>[],
  { start, between, end, types: [first, later] }: TokenFormat,
  maxLength: number,
): { readonly ids: number[]; readonly types: number[] } {
  const ids: number[] = [];
  const types: number[] = [];
  let type = first;
  const add = (tokens: ArrayLike<number>, count = tokens.length): void => {
    for (let i = 0; i < count; i++) {
      ids.push(tokens[i]!);
      types.push(type);
    }
  };
  add(start);
  const last = fields.findLastIndex((field) => field.length > 0);
  for (let i = 0; i <= last; i++) {
    let room = maxLength - end.length - ids.length;
    if (i > 0) {
      room -= between.length;
      // A separator with nothing after it would say that there is an empty field.
      if (room <= 0) break;
      add(between);
      type = later;
    }
    add(fields[i]!, Math.min(room, fields[i]!.length));
  }
  add(end);
  return { ids, types };
}
