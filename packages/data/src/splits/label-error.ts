const MARKER = Symbol.for('@sifaka/data/LabelError');

/** The labels of a part leave nothing to learn: all of them are equal. */
export class LabelError extends Error {
  override readonly name = 'LabelError';
  /** Number of liked samples of the part. */
  readonly liked: number;
  /** Number of disliked samples of the part. */
  readonly disliked: number;

  constructor(message: string, { liked, disliked }: { readonly liked: number; readonly disliked: number }) {
    super(message);
    this.liked = liked;
    this.disliked = disliked;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a LabelError of any installed copy of this package. */
  static isInstance(error: unknown): error is LabelError {
    return error instanceof Error && MARKER in error;
  }
}
