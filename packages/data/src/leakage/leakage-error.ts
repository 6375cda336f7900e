const MARKER = Symbol.for('@sifaka/data/LeakageError');

/** A part of a split, a history or a query holds information from the future. */
export class LeakageError extends Error {
  override readonly name = 'LeakageError';
  /** The sample concerned. */
  readonly sample: number;

  constructor(where: string, problem: string, sample: number) {
    super(`${where}: ${problem}`);
    this.sample = sample;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a LeakageError of any installed copy of this package. */
  static isInstance(error: unknown): error is LeakageError {
    return error instanceof Error && MARKER in error;
  }
}
