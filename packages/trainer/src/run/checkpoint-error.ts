const MARKER = Symbol.for('@sifaka/trainer/CheckpointError');

/** A checkpoint is missing, damaged, or belongs to another model, other data or another version. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly path: string;

  constructor(path: string, reason: string, options?: { readonly cause: unknown }) {
    super(`Checkpoint ${path}: ${reason}`, options);
    this.path = path;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a CheckpointError of any installed copy of this package. */
  static isInstance(error: unknown): error is CheckpointError {
    return error instanceof Error && MARKER in error;
  }
}
