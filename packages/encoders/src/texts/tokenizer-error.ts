const MARKER = Symbol.for('@sifaka/encoders/TokenizerError');

/**
 * - `vocabularySize`: the size is out of range.
 * - `texts`: there is no text to train on, or a text is not a string.
 * - `format`: the JSON is not the output of `toJSON`.
 * - `length`: `maxLength` or `maxWordLength` is not a positive whole number.
 * - `token`: an id is outside the vocabulary.
 */
export type TokenizerErrorReason = 'vocabularySize' | 'texts' | 'format' | 'length' | 'token';

/** A tokenizer cannot be created, or an argument is invalid. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError';
  readonly reason: TokenizerErrorReason;

  constructor(reason: TokenizerErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a TokenizerError of any installed copy of this package. */
  static isInstance(error: unknown): error is TokenizerError {
    return error instanceof Error && MARKER in error;
  }
}
