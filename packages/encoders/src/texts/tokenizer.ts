import type { TokenFormat } from './token-format.js';

export interface EncodeBatchOptions {
  /** Tokens kept of each text, from its start; the length of a row of the result. */
  readonly maxLength: number;
  /** Stops between groups of texts. Default: none. */
  readonly signal?: AbortSignal;
}

export interface EncodedBatch {
  /** `[N, maxLength]` token ids, row-major; `format.padding` after the end of a text. */
  readonly ids: Int32Array;
  /** `[N]`: tokens of each row without padding; 0 for an empty text. */
  readonly lengths: Int32Array;
}

/**
 * Text to token ids: {@link TextTokenizer}, which is trained, and {@link PublishedTokenizer}, which belongs to a
 * checkpoint. The fields of a text are encoded each on their own, without special tokens. `joinFields` puts them
 * together.
 */
export interface Tokenizer {
  /** All ids are smaller. */
  readonly vocabularySize: number;
  /** The special tokens around and between the fields of a text. */
  readonly format: TokenFormat;
  /** Encodes texts as rows of one length, cut or padded at the end, without special tokens. */
  encodeBatch(texts: readonly string[], options: EncodeBatchOptions): Promise<EncodedBatch>;
  /** The text of ids, without special tokens. */
  decode(ids: ArrayLike<number>): Promise<string>;
  /** For checkpoints; `readTokenizer` restores it. */
  toJSON(): string;
}
