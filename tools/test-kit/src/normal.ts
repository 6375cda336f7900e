import { randomNormal, type Tensor } from '@tensorflow/tfjs-core';

export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation. Default 1. */
  readonly deviation?: number;
}

/**
 * A float32 tensor of normally distributed values. The same shape and seed always give the same values.
 *
 * @returns owned by the caller.
 */
export function normal(shape: number[], seed: number, { mean = 0, deviation = 1 }: NormalOptions = {}): Tensor {
  return randomNormal(shape, mean, deviation, 'float32', seed);
}
