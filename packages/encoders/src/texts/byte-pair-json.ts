/** Two tokens that become one. Earlier merges in a list take precedence. */
export type Merge = readonly [string, string];

/** Ids 0 to 3. The 256 bytes and the merges follow. */
export const SPECIAL_TOKENS: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];

// One printable character per byte, as in GPT-2's table. Printable bytes of Latin-1 stand for themselves. The other 68
// bytes use the characters from U+0100.
const BYTES: readonly string[] = [...characters(33, 126), ...characters(161, 172), ...characters(174, 323)];

/** Size of a vocabulary without merges. */
export const SMALLEST_VOCABULARY: number = SPECIAL_TOKENS.length + BYTES.length;

/**
 * A byte-level byte-pair tokenizer in the `tokenizer.json` format of the `tokenizers` library.
 *
 * Text is normalised (NFKC, optionally lower case, trimmed, single spaces for white space) and split into words as in
 * GPT-2. The UTF-8 bytes of each word are merged. The special tokens have ids but are not "added tokens" of the
 * library, so `[SEP]` in a text is five characters and not a separator.
 */
export function bytePairJson(merges: readonly Merge[], lowercase: boolean): string {
  const normalizers = [
    { type: 'NFKC' },
    ...(lowercase ? [{ type: 'Lowercase' }] : []),
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Strip', strip_left: true, strip_right: true },
  ];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
  // Encoding adds a space before the first word, so that it equals the same word elsewhere. Decoding removes it.
  const dropFirstSpace = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: { type: 'Sequence', decoders: [byteLevel, dropFirstSpace] },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...vocabulary(merges)].map((token, id) => [token, id])),
      merges,
    },
  });
}

/**
 * The first merges, up to a vocabulary of `vocabularySize` entries. Merges are learned greedily, one after the other,
 * so these are the merges that training with the smaller size would learn.
 */
export function firstMerges(merges: readonly Merge[], vocabularySize: number): Merge[] {
  const tokens = vocabulary([]);
  let count = 0;
  for (const [left, right] of merges) {
    if (tokens.size >= vocabularySize) break;
    tokens.add(left + right);
    count++;
  }
  return merges.slice(0, count);
}

// In order of ids. It is a set because two merges may produce the same token.
function vocabulary(merges: readonly Merge[]): Set<string> {
  return new Set([...SPECIAL_TOKENS, ...BYTES, ...merges.map(([left, right]) => left + right)]);
}

function characters(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
}
