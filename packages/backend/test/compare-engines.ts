import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { onCpu } from './on-cpu.js';

/**
 * Asserts that the current engine and the reference engine agree on `f(...inputs)`, within a relative error of 1e-4.
 * Disposes the inputs.
 */
export async function expectSameOnCpu(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Promise<void> {
  const list = (...given: Tensor[]) => [f(...given)];
  await expectLikeReference(list, list, inputs, { atol: 1e-6, rtol: 1e-4 });
}

/**
 * Asserts that all outputs of `kernel(...inputs)` on the current engine agree with those of `reference(...inputs)` on
 * the reference engine. Disposes the inputs.
 */
export async function expectLikeReference(
  kernel: (...inputs: Tensor[]) => readonly Tensor[],
  reference: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  tolerance: { readonly atol: number; readonly rtol: number } = { atol: 1e-5, rtol: 1e-4 },
): Promise<void> {
  const outputs = tidy(() => [...kernel(...inputs)]);
  for (const [i, output] of outputs.entries()) {
    const expected = await onCpu((...copies) => tidy(() => reference(...copies)[i]!), inputs);
    expect(output.dtype).toBe(expected.dtype);
    expect(output).toBeAllClose(expected, tolerance);
    expected.dispose();
  }
  for (const tensor of [...inputs, ...outputs]) tensor.dispose();
}
