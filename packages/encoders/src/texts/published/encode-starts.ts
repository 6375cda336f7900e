import type { Encoding, Tokenizer as LibraryTokenizer } from 'tokenizers';

// What is read of a text at first: a token of a text has about four characters.
const CHARACTERS_PER_TOKEN = 8;

/** A cut may change tokens of the word that it cuts, and of marks near it. Tokens so near to a cut are not used. */
const MARGIN = 1000;

/**
 * Encodes the start of each text, as far as its first `maxTokens` tokens reach, without special tokens. An encoding
 * takes about a hundred bytes per token, so the rest of a long text would only take memory.
 *
 * How much text a token takes depends on the normalisation, which may drop any number of characters. More is read until
 * the tokens suffice.
 *
 * @returns `maxTokens` ids of each text, or all of a shorter one, or more
 */
export async function encodeStarts(
  library: LibraryTokenizer,
  texts: readonly string[],
  maxTokens: number,
): Promise<number[][]> {
  const ids = new Array<number[]>(texts.length);
  let open = texts.map((_, i) => i);
  for (let length = CHARACTERS_PER_TOKEN * maxTokens + 2 * MARGIN; open.length > 0; length *= 4) {
    const starts = open.map((i) => cut(texts[i]!, length));
    const encodings = await library.encodeBatch(starts, { addSpecialTokens: false });
    open = open.filter((i, j) => {
      const encoding = encodings[j]!;
      if (starts[j]!.length < texts[i]!.length && !reaches(encoding, starts[j]!, maxTokens)) return true;
      ids[i] = encoding.getIds();
      return false;
    });
  }
  return ids;
}

/** At most `length` UTF-16 units, and no half of a surrogate pair at the end. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}

function reaches(encoding: Encoding, start: string, maxTokens: number): boolean {
  const end = encoding.getOffsets()[maxTokens - 1]?.[1];
  if (end === undefined) return false;
  // Offsets count code points.
  let codePoints = 0;
  for (const _ of start) codePoints++;
  return end <= codePoints - MARGIN;
}
