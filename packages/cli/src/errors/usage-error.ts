const MARKER = Symbol.for('@sifaka/cli/UsageError');

/** An error that the user can fix. Its message says everything that they need to know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a UsageError of any installed copy of this package. */
  static isInstance(error: unknown): error is UsageError {
    return error instanceof Error && MARKER in error;
  }
}
