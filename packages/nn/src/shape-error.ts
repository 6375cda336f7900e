import type { Tensor } from '@tensorflow/tfjs-core';

const MARKER = Symbol.for('@sifaka/nn/ShapeError');

/** A tensor does not have the shape that a function expects. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly where: string;
  readonly expected: string;
  readonly got: readonly number[];

  constructor(where: string, expected: string, got: readonly number[]) {
    super(`${where}: expected ${expected}, got [${got.join(', ')}]`);
    this.where = where;
    this.expected = expected;
    this.got = got;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a ShapeError of any installed copy of this package. */
  static isInstance(error: unknown): error is ShapeError {
    return error instanceof Error && MARKER in error;
  }
}

/**
 * Checks a tensor's shape.
 *
 * @param where function and argument, for the message: `'Linear.forward: input'`.
 * @param expected one entry per axis. A number is an exact size. A letter (`'B'`) is any size, the same wherever it
 *   occurs.
 * @throws {@link ShapeError} if the rank or an axis differs, a plain Error if the tensor was disposed.
 */
export function assertShape(where: string, tensor: Tensor, expected: readonly (number | string)[]): void {
  if (tensor.isDisposed) throw new Error(`${where}: expected a live tensor, got one that was disposed`);
  const sizes = new Map<string, number>();
  const fits =
    tensor.shape.length === expected.length &&
    expected.every((axis, i) => {
      const size = tensor.shape[i]!;
      if (typeof axis === 'number') return axis === size;
      const known = sizes.get(axis);
      sizes.set(axis, size);
      return known === undefined || known === size;
    });
  if (!fits) throw new ShapeError(where, `[${expected.join(', ')}]`, tensor.shape);
}
