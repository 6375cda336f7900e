const MARKER = Symbol.for('@sifaka/memory-bank/LmdbStoreError');

/** A folder that cannot be a bank's store: of another width, damaged, closed, or `lmdb` is not installed. */
export class LmdbStoreError extends Error {
  override readonly name = 'LmdbStoreError';
  readonly path: string;
  /** What is wrong, in one line. */
  readonly reason: string;
  /** What to run so that it works, where a command helps. */
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
