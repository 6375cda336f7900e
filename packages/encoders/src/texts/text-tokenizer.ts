import { isDeepStrictEqual } from 'node:util';
import type { Tokenizer } from 'tokenizers';
import { MissingPackageError } from '../missing-package-error.js';
import { loadTokenizers } from '../optional-packages.js';
import { bytePairJson, firstMerges, type Merge, SMALLEST_VOCABULARY, SPECIAL_TOKENS } from './byte-pair-json.js';
import { LARGEST_VOCABULARY, learnMerges } from './learn-merges.js';
import { TokenizerError } from './tokenizer-error.js';

export interface TextTokenizerOptions {
  /**
   * Entries, the 4 special tokens and 256 bytes included: 260 to 30,000. Fewer come out where the texts have no more
   * pairs to merge. Default 4096.
   */
  readonly vocabularySize?: number;
  /** Whether `Film` and `film` are one word. Default true. */
  readonly lowercase?: boolean;
}

export interface EncodeBatchOptions {
  /** Tokens kept of each text, from its beginning: the row length of the result. */
  readonly maxLength: number;
}

export interface EncodedBatch {
  /** `[N, maxLength]` token ids, row-major; 0 (`[PAD]`) after a text's end. */
  readonly ids: Int32Array;
  /** `[N]` tokens of each row that are text; 0 for an empty text. */
  readonly lengths: Int32Array;
}

// Encodings carry offsets, words and masks beside the ids, so not all of a catalogue's are held at once.
const TEXTS_AT_ONCE = 512;

/**
 * Text to token ids by byte-pair encoding over UTF-8 bytes (Sennrich et al. 2016; byte level as in GPT-2, Radford et al.
 * 2019), with the `tokenizers` library.
 *
 * Every text can be encoded, whatever its script: what the merges do not know falls apart into bytes, so `[UNK]` never
 * comes out of `encode` and its id is free for the caller (word dropout, no text at all). What is lost is only what the
 * normaliser levels: NFKC, letter case unless `lowercase` is false, and white space, which becomes single spaces.
 *
 * A vocabulary is learned, so it is part of what a model knows: train it on the training split's texts alone. Texts
 * known only from validation or test items must not reach it; the tokenizer cannot tell, the caller can.
 */
export class TextTokenizer {
  /** `[PAD]` */
  readonly padding: 0 = 0;
  /** `[UNK]`, never produced by `encode`. */
  readonly unknown: 1 = 1;
  /** `[CLS]`, never added by `encode`. */
  readonly classification: 2 = 2;
  /** `[SEP]`, never added by `encode`. */
  readonly separator: 3 = 3;
  /** Ids are below this. */
  readonly vocabularySize: number;
  readonly #tokenizer: Tokenizer;
  readonly #json: string;

  private constructor(where: string, json: string) {
    this.#json = json;
    this.#tokenizer = loadTokenizers(where).Tokenizer.fromString(json);
    this.vocabularySize = this.#tokenizer.getVocabSize();
  }

  /**
   * Learns a vocabulary. The same texts give the same tokenizer, in any order and on any number of threads; a smaller
   * `vocabularySize` gives a prefix of the larger vocabulary.
   *
   * The library trains in one call that holds up the event loop (two seconds for 9,600 film overviews), shows its
   * progress on a terminal's standard error, and reads a temporary file, which is removed.
   *
   * @throws {@link TokenizerError} for a `vocabularySize` out of range or no text that is not empty.
   *   {@link MissingPackageError} if `tokenizers` is not installed.
   */
  static async train(
    texts: Iterable<string>,
    { vocabularySize = 4096, lowercase = true }: TextTokenizerOptions = {},
  ): Promise<TextTokenizer> {
    if (
      !Number.isInteger(vocabularySize) ||
      vocabularySize < SMALLEST_VOCABULARY ||
      vocabularySize > LARGEST_VOCABULARY
    ) {
      const range = `${SMALLEST_VOCABULARY} (${SPECIAL_TOKENS.length} special tokens and 256 bytes) to ${LARGEST_VOCABULARY}`;
      throw new TokenizerError(
        'vocabularySize',
        `TextTokenizer.train: expected a vocabularySize from ${range}, got ${vocabularySize}`,
      );
    }
    // A string is an iterable of its characters, so the type lets it pass.
    if (typeof texts === 'string') {
      throw new TokenizerError('texts', 'TextTokenizer.train: expected a list of texts, got one string');
    }
    const merges = await learnMerges(texts, lowercase);
    return new TextTokenizer('TextTokenizer.train', bytePairJson(firstMerges(merges, vocabularySize), lowercase));
  }

  /**
   * @throws {@link TokenizerError} unless the JSON says what {@link toJSON} wrote, entry by entry.
   *   {@link MissingPackageError} if `tokenizers` is not installed.
   */
  static fromJSON(json: string): TextTokenizer {
    const refuse = (got: string, cause?: unknown): TokenizerError =>
      new TokenizerError('format', `TextTokenizer.fromJSON: expected what toJSON wrote, got ${got}`, { cause });
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
    if (!isDeepStrictEqual(JSON.parse(own), given)) throw refuse('another tokenizer, or a changed one');
    try {
      return new TextTokenizer('TextTokenizer.fromJSON', own);
    } catch (error) {
      if (MissingPackageError.isInstance(error)) throw error;
      throw refuse(`merges that do not fit together (${(error as Error).message})`, error);
    }
  }

  /** The whole tokenizer, for a checkpoint; the library's `tokenizer.json` format. Equal tokenizers give equal text. */
  toJSON(): string {
    return this.#json;
  }

  /** @returns the text's ids, all of them, no special token added; empty for an empty text. */
  async encode(text: string): Promise<Int32Array> {
    const encoding = await this.#tokenizer.encode(text, null, { addSpecialTokens: false });
    return Int32Array.from(encoding.getIds());
  }

  /**
   * Encodes texts as rows of one length, cut at the end or padded; no special token added.
   *
   * @throws {@link TokenizerError} unless `maxLength` is a whole positive number.
   */
  async encodeBatch(texts: readonly string[], { maxLength }: EncodeBatchOptions): Promise<EncodedBatch> {
    if (!Number.isInteger(maxLength) || maxLength < 1) {
      throw new TokenizerError(
        'length',
        `TextTokenizer.encodeBatch: expected a maxLength of at least 1, got ${maxLength}`,
      );
    }
    const ids = new Int32Array(texts.length * maxLength);
    const lengths = new Int32Array(texts.length);
    for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
      const some = texts.slice(start, start + TEXTS_AT_ONCE);
      const encodings = await this.#tokenizer.encodeBatch(some, { addSpecialTokens: false });
      encodings.forEach((encoding, i) => {
        const kept = encoding.getIds().slice(0, maxLength);
        ids.set(kept, (start + i) * maxLength);
        lengths[start + i] = kept.length;
      });
    }
    return { ids, lengths };
  }

  /**
   * @param ids of a text, or a row of a batch: special tokens, padding among them, are left out.
   * @returns the text as the normaliser left it. Bytes that a cut has separated become U+FFFD.
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
