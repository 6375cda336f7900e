import { div, matMul, maximum, reshape, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertShape } from './shape-error.js';

/**
 * The mean of the tokens that are not masked; zeros where all are.
 *
 * @param tokens `[B, S, D]`
 * @param mask `[B, S]`: 1 for a token, 0 for padding
 * @returns `[B, D]`
 * @throws {@link ShapeError} if a shape differs.
 */
export function maskedMean(tokens: Tensor, mask: Tensor): Tensor {
  assertShape('maskedMean: tokens', tokens, ['B', 'S', 'D']);
  const [batch, length, dim] = tokens.shape as [number, number, number];
  assertShape('maskedMean: mask', mask, [batch, length]);
  return tidy(() => {
    const total = reshape(matMul(reshape(mask, [batch, 1, length]), tokens), [batch, dim]);
    return div(total, maximum(sum(mask, 1, true), 1));
  });
}
