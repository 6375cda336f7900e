/** Two tokens that become one; the earlier in the list, the sooner. */
export type Merge = readonly [string, string];

/** Ids 0 to 3, before the 256 bytes and the merges. */
export const SPECIAL_TOKENS: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];

// One printable character per byte, as in GPT-2's table: the printable bytes of Latin-1 stand for themselves, and the other
// 68 bytes for the characters from U+0100.
const BYTES: readonly string[] = [...characters(33, 126), ...characters(161, 172), ...characters(174, 323)];

/** What a vocabulary holds before the first merge. */
export const SMALLEST_VOCABULARY: number = SPECIAL_TOKENS.length + BYTES.length;

/**
 * A byte-level byte-pair tokenizer in the `tokenizer.json` format of the `tokenizers` library.
 *
 * Text is normalised (NFKC, lower case if asked, white space to single spaces, none at the ends), cut into words as
 * GPT-2 does, and each word's UTF-8 bytes are merged. The special tokens have ids but are no "added tokens" of the
 * library, so `[SEP]` in somebody's text is five characters and never a separator.
 */
export function bytePairJson(merges: readonly Merge[], lowercase: boolean): string {
  const normalizers = [
    { type: 'NFKC' },
    ...(lowercase ? [{ type: 'Lowercase' }] : []),
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Strip', strip_left: true, strip_right: true },
  ];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
  // The first word is written with the space that every other word has before it; decoding takes it away again.
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
 * The first merges, until the vocabulary has `vocabularySize` entries. Merges are learned greedily,
 * each from the text as the earlier ones left it, so this is what training to the smaller size would have given.
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

// In order of id. Two merges may spell the same token, hence a set.
function vocabulary(merges: readonly Merge[]): Set<string> {
  return new Set([...SPECIAL_TOKENS, ...BYTES, ...merges.map(([left, right]) => left + right)]);
}

function characters(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
}
