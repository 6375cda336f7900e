const MARKER = Symbol.for('@sifaka/memory-bank/RedisStoreError');

/** A Redis or Valkey server that cannot be a bank's store now: away, refusing, too old, or holding something else under the bank's keys. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
  /** The server, without user and password. */
  readonly server: string;
  /** What is wrong, in one line. */
  readonly reason: string;
  /** What to run so that it works, where a command helps. */
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
