import { cast, greaterEqual, mul, randomUniform, type ShapeMap, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertSeed } from './assert-options.js';

/**
 * Zeroes each value with probability `rate` and divides the others by `1 − rate` (Srivastava et al., 2014).
 *
 * `seed` determines the mask. Derive it from the step, so that a resumed run draws the same masks as an uninterrupted
 * one.
 *
 * @param x any shape
 * @param rate in [0, 1)
 * @returns the same shape
 * @throws RangeError for a rate outside [0, 1) or a seed that is not a whole number.
 */
export function dropout(x: Tensor, rate: number, seed: number): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: expected a rate in [0, 1), got ${rate}`);
  assertSeed('dropout', seed);
  if (rate === 0) return x.clone();
  return tidy(() => {
    const kept = cast(greaterEqual(randomUniform(x.shape as ShapeMap['R2'], 0, 1, 'float32', seed), rate), 'float32');
    return mul(x, mul(kept, 1 / (1 - rate)));
  });
}
