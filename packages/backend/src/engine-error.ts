const MARKER = Symbol.for('@sifaka/backend/EngineError');

/** An engine that was asked for cannot start here. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly engine: string;
  readonly reason: string;

  constructor(engine: string, reason: string) {
    super(`Engine ${engine}: ${reason}`);
    this.engine = engine;
    this.reason = reason;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for an EngineError of any installed copy of this package. */
  static isInstance(error: unknown): error is EngineError {
    return error instanceof Error && MARKER in error;
  }
}
