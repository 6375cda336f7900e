const MARKER = Symbol.for('@sifaka/memory-bank/LmdbStoreError');

/** An LMDB store cannot be used: it has another width or storage, is damaged or closed, or `lmdb` is not installed. */
export class LmdbStoreError extends Error {
  override readonly name = 'LmdbStoreError';
  readonly path: string;
  /** The problem, in one line. */
  readonly reason: string;
  /** A command that fixes the problem, if there is one. */
  readonly command: string | undefined;

  constructor(path: string, reason: string, { command, cause }: { command?: string; cause?: unknown } = {}) {
    super(`LmdbStore ${path}: ${reason}${command === undefined ? '' : `. Try: ${command}`}`, { cause });
    this.path = path;
    this.reason = reason;
    this.command = command;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for an LmdbStoreError of any installed copy of this package. */
  static isInstance(error: unknown): error is LmdbStoreError {
    return error instanceof Error && MARKER in error;
  }
}
