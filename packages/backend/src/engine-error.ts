const MARKER = Symbol.for('@sifaka/backend/EngineError');

/** An engine cannot start here, or failed during a run. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** Name of the engine. */
  readonly engine: string;
  /** Why it failed, in one line. */
  readonly reason: string;
  /** What may help, if that is known: usually a command to run, sometimes advice. */
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
