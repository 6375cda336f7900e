import type { TokenBatch } from '../token-encoder.js';
import { joinFields } from './token-format.js';
import type { EncodeBatchOptions, Tokenizer } from './tokenizer.js';

/**
 * Encodes texts as the rows that a text encoder reads: with the tokenizer's special tokens, padded to the longest row
 * (or to `format.fixedLength`).
 *
 * A text may have several fields, such as a title and a description. They are encoded each on their own and joined by
 * `joinFields`: the fields in the given order, with the tokenizer's separators and types. If there are more than
 * `maxLength` tokens, the last field is cut first, and the tokens at the end are kept.
 *
 * @throws TokenizerError if a text is not a string, RangeError if `maxLength` has no room for a token; the reason of
 *   `signal` if it is aborted.
 */
export async function encodeTexts(
  tokenizer: Tokenizer,
  texts: readonly (string | readonly string[])[],
  { maxLength, signal }: EncodeBatchOptions,
): Promise<Required<TokenBatch>> {
  joinFields([], tokenizer.format, maxLength); // Checks the length before the work.
  const fields = texts.map((text) => (typeof text === 'object' ? text : [text]));
  const { ids, lengths } = await tokenizer.encodeBatch(fields.flat(), { maxLength, ...(signal && { signal }) });
  let row = 0;
  const encoded = fields.map((parts) =>
    parts.map(() => {
      const start = row * maxLength;
      return ids.subarray(start, start + lengths[row++]!);
    }),
  );
  return joinFields(encoded, tokenizer.format, maxLength);
}
