const MARKER = Symbol.for('@sifaka/metrics/MetricInputError');

/** Invalid input of a metric; a RangeError, for example `auc: expected 0 or 1 in labels, got 2 at index 5`. */
export class MetricInputError extends RangeError {
  override readonly name = 'MetricInputError';
  /** The function that was called. */
  readonly where: string;
  /** The first invalid row; undefined if the error is not about a row. */
  readonly index: number | undefined;

  constructor(where: string, expected: string, got: string, index?: number) {
    super(`${where}: expected ${expected}, got ${got}${index === undefined ? '' : ` at index ${index}`}`);
    this.where = where;
    this.index = index;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a MetricInputError of any installed copy of this package. */
  static isInstance(error: unknown): error is MetricInputError {
    return error instanceof Error && MARKER in error;
  }
}
