import type { Tokenizer as LibraryTokenizer } from 'tokenizers';
import { loadTokenizers } from '../../optional-packages.js';
import { encodeInGroups } from '../encode-in-groups.js';
import type { TokenFormat } from '../token-format.js';
import type { EncodeBatchOptions, EncodedBatch, Tokenizer } from '../tokenizer.js';
import { TokenizerError } from '../tokenizer-error.js';
import { cut, encodeStarts } from './encode-starts.js';
import { probeFormat } from './probe-format.js';
import { prepareTokenizer, refuse, type TokenizerFiles } from './tokenizer-files.js';

export interface PublishedTokenizerOptions {
  /**
   * How the fields of a text, such as title and description, stand in one row. `pair`: as the checkpoint's pairs of
   * texts, with its separators and, where the model has them, token types. `joined`: one after the other, as one text.
   * Default: `joined` for CLIP and SigLIP, which were trained on single captions, and `pair` for others.
   */
  readonly fields?: 'pair' | 'joined';
}

/** First in the JSON, so that it can be told from another without parsing megabytes. */
const SAVED_START = '{"type":"PublishedTokenizer",';

/** More characters of a text are never read. Reading one takes about a hundred bytes. */
const LONGEST_TEXT = 1 << 20;

/** Rows of these models are padded to their longest, and the model reads the padding. */
const SIGLIP = /^siglip2?(_text_model)?$/;
const CLIP = /^clip(_text_model)?$/;
const SIGLIP_LENGTH = 64;

/**
 * The tokenizer of a published checkpoint, with the `tokenizers` library. `encodeTexts` returns the ids, lengths and
 * types of transformers' `AutoTokenizer`, truncated and padded on the right.
 *
 * As there, the name of a special token in a text (`[SEP]`, `</s>`) becomes that token.
 *
 * Of a long text, only the start is read, as far as `maxLength` tokens reach, and at most 1,048,576 characters.
 */
export class PublishedTokenizer implements Tokenizer {
  /** Folder or `owner/name@revision` of the checkpoint. */
  readonly name: string;
  /** All ids are smaller. The table of the checkpoint may be larger. */
  readonly vocabularySize: number;
  readonly format: TokenFormat;
  /** Most tokens of a row, special tokens included, if the checkpoint names it. */
  readonly maxLength: number | undefined;
  readonly #library: LibraryTokenizer;
  readonly #files: TokenizerFiles;
  readonly #fields: 'pair' | 'joined';

  private constructor(parts: {
    readonly files: TokenizerFiles;
    readonly fields: 'pair' | 'joined';
    readonly library: LibraryTokenizer;
    readonly vocabularySize: number;
    readonly format: TokenFormat;
    readonly maxLength: number | undefined;
  }) {
    this.name = parts.files.name;
    this.vocabularySize = parts.vocabularySize;
    this.format = parts.format;
    this.maxLength = parts.maxLength;
    this.#library = parts.library;
    this.#files = parts.files;
    this.#fields = parts.fields;
  }

  /**
   * @param files tokenizer.json, tokenizer_config.json and config.json of a checkpoint
   * @throws {@link TokenizerError} naming the file or setting that is missing, damaged or cannot be followed, such as
   *   padding on the left; {@link MissingPackageError} if `tokenizers` is not installed.
   */
  static async fromFiles(
    files: TokenizerFiles,
    { fields = isCaptionModel(files) ? 'joined' : 'pair' }: PublishedTokenizerOptions = {},
  ): Promise<PublishedTokenizer> {
    if (fields !== 'pair' && fields !== 'joined') {
      throw new RangeError(`PublishedTokenizer: expected fields of pair or joined, got ${JSON.stringify(fields)}`);
    }
    const { name } = files;
    const { json, padding, maxLength } = prepareTokenizer(files);
    const { Tokenizer: Library } = loadTokenizers('PublishedTokenizer');
    let library: LibraryTokenizer;
    try {
      library = Library.fromString(json);
    } catch (error) {
      const problem = (error as Error).message.slice(0, 200);
      throw refuse(name, 'a tokenizer.json of the tokenizers library', `another (${problem})`, error);
    }
    library.disableTruncation();
    library.disablePadding();
    const id = typeof padding === 'string' ? library.tokenToId(padding) : padding;
    if (id === null) throw refuse(name, `the pad_token ${JSON.stringify(padding)} in tokenizer.json`, 'none');
    const format = await probeFormat(library, id, fields === 'pair');
    if (format === undefined) {
      throw refuse(name, 'a post_processor that adds tokens before, between and after texts', 'another');
    }
    const fixedLength = rowLength(files);
    return new PublishedTokenizer({
      files,
      fields,
      library,
      vocabularySize: Object.values(library.getVocab(true)).reduce((largest, token) => Math.max(largest, token), 0) + 1,
      format: fixedLength === undefined ? format : { ...format, fixedLength },
      maxLength: fixedLength ?? maxLength,
    });
  }

  /**
   * Restores the tokenizer of {@link toJSON}.
   *
   * @throws {@link TokenizerError} if the JSON is not its output.
   */
  static async fromJSON(json: string): Promise<PublishedTokenizer> {
    const saved = parseSaved(json);
    if (saved === undefined) {
      throw new TokenizerError('format', 'PublishedTokenizer.fromJSON: expected the output of toJSON, got other text');
    }
    const { fields, ...files } = saved;
    return PublishedTokenizer.fromFiles(files, { fields });
  }

  /** Whether a JSON text starts like the output of {@link toJSON}. */
  static wrote(json: string): boolean {
    return json.startsWith(SAVED_START);
  }

  /** The files that determine the tokens, for checkpoints. */
  toJSON(): string {
    const { name, config, tokenizer, tokenizerConfig } = this.#files;
    const saved = {
      fields: this.#fields,
      name,
      // Of config.json, only what is read here.
      config: {
        model_type: config['model_type'],
        pad_token_id: config['pad_token_id'],
        max_position_embeddings: config['max_position_embeddings'],
        text_config: { max_position_embeddings: textConfig(config)['max_position_embeddings'] },
      },
      tokenizer,
      tokenizerConfig,
    };
    return `${SAVED_START}${JSON.stringify(saved).slice(1)}`;
  }

  /**
   * Encodes texts, or single fields of texts, as rows of one length, truncated or padded at the end, without special
   * tokens. `encodeTexts` adds them.
   *
   * @throws {@link TokenizerError} if `maxLength` is not a positive whole number or a text is not a string; the reason
   *   of `signal` if it is aborted.
   */
  async encodeBatch(texts: readonly string[], options: EncodeBatchOptions): Promise<EncodedBatch> {
    return encodeInGroups(texts, {
      ...options,
      where: 'PublishedTokenizer.encodeBatch',
      padding: this.format.padding,
      readable: (text) => cut(text, LONGEST_TEXT),
      encode: (some) => encodeStarts(this.#library, some, options.maxLength),
    });
  }

  /**
   * @returns the text of ids as the checkpoint's decoder writes it. Special tokens are left out.
   * @throws {@link TokenizerError} for an id outside the vocabulary.
   */
  async decode(ids: ArrayLike<number>): Promise<string> {
    const all = Array.from(ids);
    const stray = all.find((id) => !Number.isInteger(id) || id < 0 || id >= this.vocabularySize);
    if (stray !== undefined) {
      throw new TokenizerError(
        'token',
        `PublishedTokenizer.decode: expected ids from 0 to ${this.vocabularySize - 1}, got ${stray}`,
      );
    }
    return this.#library.decode(all, true);
  }
}

function isCaptionModel({ config: { model_type: type } }: TokenizerFiles): boolean {
  return typeof type === 'string' && (CLIP.test(type) || SIGLIP.test(type));
}

function rowLength({ config }: TokenizerFiles): number | undefined {
  const { model_type: type } = config;
  if (typeof type !== 'string' || !SIGLIP.test(type)) return undefined;
  const length = textConfig(config)['max_position_embeddings'] ?? config['max_position_embeddings'];
  return typeof length === 'number' ? length : SIGLIP_LENGTH;
}

function textConfig(config: TokenizerFiles['config']): Readonly<Record<string, unknown>> {
  return (config['text_config'] ?? {}) as Readonly<Record<string, unknown>>;
}

function parseSaved(json: string): (TokenizerFiles & { readonly fields: 'pair' | 'joined' }) | undefined {
  if (!PublishedTokenizer.wrote(json)) return undefined;
  try {
    const { type: _, ...saved } = JSON.parse(json);
    return typeof saved.config === 'object' && saved.config !== null ? saved : undefined;
  } catch {
    return undefined;
  }
}
