const MARKER = Symbol.for('@sifaka/backend/EngineError');

/** An engine that was asked for cannot start here. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** The name that was asked for. */
  readonly engine: string;
  /** Why it does not start, in one line. */
  readonly reason: string;
  /** What to run so that it does, where a command helps. */
  readonly command: string | undefined;

  constructor(engine: string, reason: string, command?: string) {
    super(`Engine ${engine}: ${reason}${command === undefined ? '' : `. Try: ${command}`}`);
    this.engine = engine;
    this.reason = reason;
    this.command = command;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for an EngineError of any installed copy of this package. */
  static isInstance(error: unknown): error is EngineError {
    return error instanceof Error && MARKER in error;
  }
}
