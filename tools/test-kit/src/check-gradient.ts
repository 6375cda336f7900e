import { grads, type Scalar, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export interface CheckGradientOptions {
  /** Half-width of the central difference. Default 1e-2, because float32 sums need a wide step. */
  readonly step?: number;
  /** Default 1e-2. */
  readonly atol?: number;
  /** Default 2e-2. */
  readonly rtol?: number;
}

/**
 * Compares the gradient of a scalar function with central finite differences at every entry of every argument. It
 * evaluates the function twice per entry, so arguments should be small.
 */
export function checkGradient(
  f: (...inputs: Tensor[]) => Scalar,
  inputs: readonly Tensor[],
  { step = 1e-2, atol = 1e-2, rtol = 2e-2 }: CheckGradientOptions = {},
): void {
  const analytic = tidy(() => grads(f)([...inputs]).map((g) => g.dataSync()));
  inputs.forEach((input, index) => {
    const values = Float32Array.from(input.dataSync());
    const numeric = values.map((_, i) => {
      const at = (delta: number) =>
        tidy(() => {
          const moved = Float32Array.from(values);
          moved[i]! += delta;
          const shifted = inputs.map((x, k) => (k === index ? tensor(moved, input.shape) : x));
          return f(...shifted).dataSync()[0]!;
        });
      return (at(step) - at(-step)) / (2 * step);
    });
    expect(analytic[index]!).toBeAllClose(numeric, { atol, rtol });
  });
}
