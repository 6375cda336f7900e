const MARKER = Symbol.for('@sifaka/memory-bank/RedisStoreError');

/**
 * A Redis or Valkey server cannot be used: it is down or too old, refuses the credentials, or has other data under the
 * bank's keys.
 */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
  /** Address of the server, without user and password. */
  readonly server: string;
  /** The problem, in one line. */
  readonly reason: string;
  /** A command that fixes the problem, if there is one. */
  readonly command: string | undefined;

  constructor(server: string, reason: string, { command, cause }: { command?: string; cause?: unknown } = {}) {
    super(`RedisStore ${server}: ${reason}${command === undefined ? '' : `. Try: ${command}`}`, { cause });
    this.server = server;
    this.reason = reason;
    this.command = command;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a RedisStoreError of any installed copy of this package. */
  static isInstance(error: unknown): error is RedisStoreError {
    return error instanceof Error && MARKER in error;
  }
}
