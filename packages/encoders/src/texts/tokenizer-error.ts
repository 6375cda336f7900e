const MARKER = Symbol.for('@sifaka/encoders/TokenizerError');

/**
 * `vocabularySize` no vocabulary of that size can be trained · `texts` there is nothing to train on ·
 * `format` the JSON is not one that `toJSON` wrote · `length` a maxLength that is no whole positive number ·
 * `token` an id outside the vocabulary.
 */
export type TokenizerErrorReason = 'vocabularySize' | 'texts' | 'format' | 'length' | 'token';

/** A tokenizer that cannot be made, or an argument that it cannot work with. */
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
