import { cast, greaterEqual, mul, randomUniform, type ShapeMap, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * Zeroes each value with probability `rate` and divides the others by `1 − rate`. The mask is fixed by `seed`, so a resumed run
 * draws what an uninterrupted one would have drawn: derive the seed from the step.
 *
 * @param x any shape
 * @returns the same shape
 */
export function dropout(x: Tensor, rate: number, seed: number): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: expected a rate in [0, 1), got ${rate}`);
  if (rate === 0) return x.clone();
  return tidy(() => {
    const kept = cast(greaterEqual(randomUniform(x.shape as ShapeMap['R2'], 0, 1, 'float32', seed), rate), 'float32');
    return mul(x, mul(kept, 1 / (1 - rate)));
  });
}
