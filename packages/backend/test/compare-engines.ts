import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { onCpu } from './on-cpu.js';

/** Asserts that the current engine and the reference engine agree on `f(...inputs)` within 1e-4; disposes the inputs. */
export async function expectSameOnCpu(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Promise<void> {
  const expected = await onCpu((...copies) => tidy(() => f(...copies)), inputs);
  const result = tidy(() => f(...inputs));
  expect(result.dtype).toBe(expected.dtype);
  expect(result).toBeAllClose(expected, { atol: 1e-6, rtol: 1e-4 });
  for (const tensor of [...inputs, expected, result]) tensor.dispose();
}
