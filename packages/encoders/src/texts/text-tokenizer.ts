import { isDeepStrictEqual } from 'node:util';
import type { Tokenizer as LibraryTokenizer } from 'tokenizers';
import { MissingPackageError } from '../missing-package-error.js';
import { loadTokenizers } from '../optional-packages.js';
import { bytePairJson, firstMerges, type Merge, SMALLEST_VOCABULARY, SPECIAL_TOKENS } from './byte-pair-json.js';
import { assertText, encodeInGroups } from './encode-in-groups.js';
import { isNestedDeeper } from './is-nested-deeper.js';
import { LARGEST_VOCABULARY, learnMerges } from './learn-merges.js';
import { readableStart } from './readable-start.js';
import type { TokenFormat } from './token-format.js';
import type { EncodeBatchOptions, EncodedBatch, Tokenizer } from './tokenizer.js';
import { TokenizerError } from './tokenizer-error.js';

export interface TextTokenizerOptions {
  /**
   * Maximum number of entries, 260 to 30,000, including the 4 special tokens and 256 bytes. The result is smaller if
   * the texts have no more pairs to merge. Default 4096.
   */
  readonly vocabularySize?: number;
  /** Whether `Film` and `film` are the same word. Default true. */
  readonly lowercase?: boolean;
  /**
   * Longer words (runs of letters, of numbers or of other characters) are cut to this many characters, because the time
   * to train grows with the square of a word's length. Texts are encoded whole. Default 1000.
   */
  readonly maxWordLength?: number;
  /** Stops training: its process ends and its temporary files are removed. Default: none. */
  readonly signal?: AbortSignal;
}

export interface FromJSONOptions {
  /** Longer JSON is refused. Default 16,777,216; a vocabulary of 30,000 entries takes about 2 million. */
  readonly maxCharacters?: number;
}

// Levels of brackets in a saved tokenizer.
const DEPTH = 5;

// A word of more characters may be cut by `encodeBatch`, which changes at most tokens near the cut.
const LONGEST_WORD = 1000;

/**
 * Text to token ids by byte-pair encoding over UTF-8 bytes (Sennrich et al., 2016; byte level as in GPT-2, Radford et
 * al., 2019), with the `tokenizers` library.
 *
 * Texts of any script can be encoded, because unknown words are split into bytes. `encode` therefore never returns
 * `[UNK]`, and callers may use its id for word dropout or missing texts. Decoding restores the normalised text:
 * NFKC, lower case unless `lowercase` is false, and single spaces for white space.
 *
 * A vocabulary is learned, so train it on texts of the training split only. The tokenizer cannot detect texts of
 * validation or test items.
 */
export class TextTokenizer implements Tokenizer {
  /** `[PAD]` */
  readonly padding: 0 = 0;
  /** `[UNK]`, never produced by `encode`. */
  readonly unknown: 1 = 1;
  /** `[CLS]`, never added by `encode`. */
  readonly classification: 2 = 2;
  /** `[SEP]`, never added by `encode`. */
  readonly separator: 3 = 3;
  /** All ids are smaller. */
  readonly vocabularySize: number;
  /** `[CLS]` before the first field, `[SEP]` between two; nothing at the end. */
  readonly format: TokenFormat = { start: [2], between: [3], end: [], padding: 0, types: [0, 1] };
  readonly #tokenizer: LibraryTokenizer;
  readonly #json: string;
  /** In bytes. */
  readonly #longestToken: number;

  private constructor(where: string, json: string) {
    this.#json = json;
    this.#tokenizer = loadTokenizers(where).Tokenizer.fromString(json);
    const vocabulary = this.#tokenizer.getVocab();
    this.vocabularySize = this.#tokenizer.getVocabSize();
    this.#longestToken = Object.keys(vocabulary).reduce((longest, { length }) => Math.max(longest, length), 1);
  }

  /**
   * Learns a vocabulary. The same texts give the same tokenizer, in any order and on any number of threads. A smaller
   * `vocabularySize` gives a prefix of the larger vocabulary.
   *
   * Training runs in a separate process and takes two seconds for 9,600 film overviews. The process ends if this one is
   * killed.
   *
   * @throws {@link TokenizerError} for a `vocabularySize` or `maxWordLength` out of range, or if all texts are empty;
   *   {@link MissingPackageError} if `tokenizers` is not installed; the reason of `signal` if it is aborted.
   */
  static async train(
    texts: Iterable<string>,
    { vocabularySize = 4096, lowercase = true, maxWordLength = 1000, signal }: TextTokenizerOptions = {},
  ): Promise<TextTokenizer> {
    if (
      !Number.isInteger(vocabularySize) ||
      vocabularySize < SMALLEST_VOCABULARY ||
      vocabularySize > LARGEST_VOCABULARY
    ) {
      const smallest = `${SMALLEST_VOCABULARY} (${SPECIAL_TOKENS.length} special tokens and 256 bytes)`;
      const range = `${smallest} to ${LARGEST_VOCABULARY}`;
      throw new TokenizerError(
        'vocabularySize',
        `TextTokenizer.train: expected a vocabularySize from ${range}, got ${vocabularySize}`,
      );
    }
    if (!Number.isSafeInteger(maxWordLength) || maxWordLength < 1) {
      throw new TokenizerError(
        'length',
        `TextTokenizer.train: expected a maxWordLength of at least 1, got ${maxWordLength}`,
      );
    }
    // A string is an iterable of its characters, so the type allows it.
    if (typeof texts === 'string') {
      throw new TokenizerError('texts', 'TextTokenizer.train: expected a list of texts, got one string');
    }
    const merges = await learnMerges(texts, { lowercase, maxWordLength, signal });
    return new TextTokenizer('TextTokenizer.train', bytePairJson(firstMerges(merges, vocabularySize), lowercase));
  }

  /**
   * Reads the JSON of {@link toJSON}.
   *
   * @throws {@link TokenizerError} if the JSON differs from the output of {@link toJSON} in more than white space, or
   *   is longer than `maxCharacters`; {@link MissingPackageError} if `tokenizers` is not installed.
   */
  static fromJSON(json: string, { maxCharacters = 1 << 24 }: FromJSONOptions = {}): TextTokenizer {
    const refuse = (got: string, cause?: unknown): TokenizerError =>
      new TokenizerError('format', `TextTokenizer.fromJSON: expected the output of toJSON, got ${got}`, { cause });
    if (typeof json !== 'string') throw refuse(`a value of type ${typeof json}`);
    if (!(json.length <= maxCharacters)) throw refuse(`${json.length} characters, more than ${maxCharacters}`);
    // Parsing deep brackets would take fifty bytes of memory for each.
    if (isNestedDeeper(json, DEPTH)) throw refuse('JSON of another kind');
    let given: SavedTokenizer | null;
    try {
      given = JSON.parse(json);
    } catch (error) {
      throw refuse('text that is not JSON', error);
    }
    const merges = given?.model?.merges;
    const normalizers = given?.normalizer?.normalizers;
    if (!isMerges(merges) || !Array.isArray(normalizers)) throw refuse('JSON of another kind');
    const own = bytePairJson(
      merges,
      normalizers.some((step) => step?.type === 'Lowercase'),
    );
    if (!isDeepStrictEqual(JSON.parse(own), given)) throw refuse('another or a modified tokenizer');
    try {
      return new TextTokenizer('TextTokenizer.fromJSON', own);
    } catch (error) {
      if (MissingPackageError.isInstance(error)) throw error;
      throw refuse(`merges that do not fit together (${(error as Error).message.slice(0, 200)})`, error);
    }
  }

  /** The tokenizer in the library's `tokenizer.json` format, for checkpoints. Equal tokenizers give equal strings. */
  toJSON(): string {
    return this.#json;
  }

  /**
   * @returns all ids of the text, without special tokens; empty for an empty text.
   * @throws {@link TokenizerError} if the text is not a string.
   */
  async encode(text: string): Promise<Int32Array> {
    assertText('TextTokenizer.encode', text);
    const encoding = await this.#tokenizer.encode(text, null, { addSpecialTokens: false });
    return Int32Array.from(encoding.getIds());
  }

  /**
   * Encodes texts as rows of one length, truncated or padded at the end, without special tokens.
   *
   * Only the start of a long text is read, as far as its first `maxLength` tokens can reach.
   *
   * @throws {@link TokenizerError} if `maxLength` is not a positive whole number or a text is not a string; the reason
   *   of `signal` if it is aborted.
   */
  async encodeBatch(texts: readonly string[], options: EncodeBatchOptions): Promise<EncodedBatch> {
    return encodeInGroups(texts, {
      ...options,
      where: 'TextTokenizer.encodeBatch',
      padding: this.padding,
      readable: (text) => readableStart(text, options.maxLength, this.#longestToken, LONGEST_WORD),
      encode: async (some) => {
        const encodings = await this.#tokenizer.encodeBatch([...some], { addSpecialTokens: false });
        return encodings.map((encoding) => encoding.getIds());
      },
    });
  }

  /**
   * @param ids of a text or a row of a batch. Special tokens, including padding, are skipped.
   * @returns the normalised text. Characters cut by truncation become U+FFFD.
   * @throws {@link TokenizerError} for an id outside the vocabulary.
   */
  async decode(ids: ArrayLike<number>): Promise<string> {
    const all = Array.from(ids);
    const stray = all.find((id) => !Number.isInteger(id) || id < 0 || id >= this.vocabularySize);
    if (stray !== undefined) {
      throw new TokenizerError(
        'token',
        `TextTokenizer.decode: expected ids from 0 to ${this.vocabularySize - 1}, got ${stray}`,
      );
    }
    return this.#tokenizer.decode(
      all.filter((id) => id >= SPECIAL_TOKENS.length),
      false,
    );
  }
}

interface SavedTokenizer {
  readonly model?: { readonly merges?: unknown };
  readonly normalizer?: { readonly normalizers?: unknown };
}

function isMerges(value: unknown): value is Merge[] {
  const isMerge = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every((token) => typeof token === 'string');
  return Array.isArray(value) && value.every(isMerge);
}
