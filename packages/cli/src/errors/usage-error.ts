const MARKER = Symbol.for('@sifaka/demo/UsageError');

/** Something that the user asked for and can put right: the message is all that they need to see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, MARKER, { value: true });
  }

  static isInstance(error: unknown): error is UsageError {
    return error instanceof Error && MARKER in error;
  }
}
