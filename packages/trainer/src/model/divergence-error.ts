const MARKER = Symbol.for('@sifaka/trainer/DivergenceError');

/** Weights, item vectors or logits are not finite any more: the learning rates are too high. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  /** What is not finite: the path of a weight, `tables.users`, `tables.items`, `item vectors` or `logits`. */
  readonly tensor: string;
  /** Loss of the step; NaN if it is not known. */
  readonly loss: number;

  constructor(where: string, { tensor, value, loss }: BadNumber & { readonly loss: number }) {
    const at = Number.isNaN(loss) ? '' : ` at a loss of ${loss}`;
    super(`${where}: expected finite numbers, got ${value} in ${tensor}${at}`);
    this.tensor = tensor;
    this.loss = loss;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a DivergenceError of any installed copy of this package. */
  static isInstance(error: unknown): error is DivergenceError {
    return error instanceof Error && MARKER in error;
  }
}

/** A number that is not finite, and the tensor that holds it. */
export interface BadNumber {
  readonly tensor: string;
  readonly value: number;
}

/** @throws {@link DivergenceError} if a number is not finite. */
export function assertFinite(where: string, tensor: string, values: Float32Array, loss: number = Number.NaN): void {
  const value = firstBad(values);
  if (value !== undefined) throw new DivergenceError(where, { tensor, value, loss });
}

/** The first number that is not finite. */
export function firstBad(values: ArrayLike<number>): number | undefined {
  for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k]!)) return values[k]!;
  return undefined;
}
