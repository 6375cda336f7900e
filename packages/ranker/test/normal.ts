import { randomNormal, type Tensor } from '@tensorflow/tfjs-core';

/** Standard normal numbers from a seed. */
export function normal(shape: readonly number[], seed: number): Tensor {
  return randomNormal([...shape] as [number], 0, 1, 'float32', seed);
}
